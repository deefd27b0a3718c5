/// The head of a call's request, but for the length of its body.
struct GraphRequestHead: Sendable {
    private let bytes: [UInt8]

    /// - Parameters:
    ///   - target: Path and query.
    ///   - host: The value of `Host`.
    ///   - token: Must be fit for a header.
    ///   - headers: Further ones; those that HTTP does not allow, or that are the transport's own, are left out.
    init(target: String, host: String, token: AccessToken, headers: [(String, String)]) {
        var head = "POST \(target) HTTP/1.1\r\n"
        head += "Authorization: Bearer \(token.revealed)\r\n"
        head += "Content-Type: application/json\r\n"
        head += "Accept: application/json\r\n"
        // Without it any coding would do. What comes as gzip or deflate all the same is decoded.
        head += "Accept-Encoding: identity\r\n"
        head += "User-Agent: instagram-send-worker\r\n"
        for (name, value) in headers where Self.isSendable(name: name, value: value) {
            head += "\(name): \(value)\r\n"
        }
        head += "host: \(host)\r\n"
        bytes = Array(head.utf8)
    }

    /// Appends the whole head.
    func write(into buffer: inout [UInt8], bodyCount: Int) {
        buffer.append(contentsOf: bytes)
        buffer.append(contentsOf: "Content-Length: ".utf8)
        buffer.append(contentsOf: String(bodyCount).utf8)
        buffer.append(contentsOf: "\r\n\r\n".utf8)
    }

    /// Whether a token may stand in a header.
    static func isFit(_ token: AccessToken) -> Bool {
        !token.revealed.isEmpty && token.revealed.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// Whether HTTP allows the header, and it is none that the transport sets itself.
    private static func isSendable(name: String, value: String) -> Bool {
        let own = [
            "authorization", "content-type", "content-length", "transfer-encoding", "host", "connection",
            "accept-encoding",
        ]
        return !name.isEmpty && !own.contains(name.lowercased())
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
                default: false
                }
            }
            && value.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }
}
