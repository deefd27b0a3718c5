import HTTP
import HTTPCodec

extension HTTPAnswer {
    /// The answer as it stands on the wire.
    var bytes: [UInt8] {
        var head = "HTTP/1.1 \(status) Odd\r\nContent-Type: \(contentType)\r\nContent-Length: \(body.count)\r\n"
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) { head += "\(name): \(value)\r\n" }
        return Array("\(head)\r\n".utf8) + body
    }
}

extension HTTPServerResponse {
    /// An answer of Graph.
    init(_ answer: HTTPAnswer) {
        self.init(
            status: answer.status,
            headers: ["Content-Type": answer.contentType],
            body: answer.body,
            isDated: false
        )
        for (name, value) in answer.headers.sorted(by: { $0.key < $1.key }) { headers.add(name, value) }
    }

    /// An answer of the control interface.
    static func json(_ value: JSONNode, status: Int = 200) -> HTTPServerResponse {
        HTTPServerResponse(
            status: status,
            headers: ["Content-Type": "application/json; charset=utf-8"],
            body: value.encoded + [0x0A]
        )
    }

    /// Newline-delimited JSON.
    static func lines(_ values: [JSONNode]) -> HTTPServerResponse {
        var bytes: [UInt8] = []
        for value in values {
            value.write(to: &bytes)
            bytes.append(0x0A)
        }
        return HTTPServerResponse(
            status: 200,
            headers: ["Content-Type": "application/x-ndjson"],
            body: bytes
        )
    }
}
