/// An answer of the server, as text.
struct ServerAnswer {
    var mark: String
    var status = 200
    var reason = "OK"
    var version = "HTTP/1.1"
    var headers: [String] = []
    var body: [UInt8] = []

    /// Status line and headers, without the blank line.
    func head(_ more: [String] = []) -> String {
        (["\(version) \(status) \(reason)", "X-Answer: \(mark)"] + headers + more).joined(separator: "\r\n") + "\r\n"
    }

    /// The whole answer, its body counted.
    var counted: [UInt8] { Array(head(["Content-Length: \(body.count)"]).utf8) + Array("\r\n".utf8) + body }

    /// The body in chunks, with the last one and trailers, without the blank line.
    func chunks(_ draw: inout Draw) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = body[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(draw.number(in: 1...max(1, min(rest.count, 2_000))))
            rest = rest.dropFirst(chunk.count)
            let size =
                draw.isHit(percent: 30)
                ? "00\(String(chunk.count, radix: 16).uppercased())" : String(chunk.count, radix: 16)
            bytes += "\(size)\(draw.isHit(percent: 10) ? ";name=value" : "")\r\n".utf8
            bytes += chunk
            bytes += "\r\n".utf8
        }
        bytes += "0\r\n".utf8
        if draw.isHit(percent: 30) { bytes += "X-Trailer: yes\r\nContent-Length: 5\r\n".utf8 }
        return bytes
    }

    /// The whole answer in chunks.
    func chunked(_ draw: inout Draw) -> [UInt8] {
        Array((head(["Transfer-Encoding: chunked"]) + "\r\n").utf8) + chunks(&draw) + Array("\r\n".utf8)
    }
}
