/// A proxy whose CONNECT leads to the origin.
package struct HTTPProxy: Sendable, Hashable {
    /// The fault of the text of a proxy; shows nothing of it, since it may hold a password.
    package struct Invalid: Error, Hashable, CustomStringConvertible {
        package var description: String {
            "is not a proxy; write http://proxy.example.com:3128 or http://user:password@proxy.example.com:3128"
        }
    }

    package let host: String
    package let port: Int
    /// The value of `Proxy-Authorization`.
    let credentials: String?

    /// Reads `http://[user:password@]host:port`. Special characters of user and password are percent-encoded.
    package init(_ text: String) throws(Invalid) {
        let prefix = "http://"
        guard text.lowercased().hasPrefix(prefix) else { throw Invalid() }
        var rest = Array(text.utf8.dropFirst(prefix.utf8.count))[...]
        if rest.last == UInt8(ascii: "/") { rest = rest.dropLast() }
        var credentials: String?
        if let at = rest.lastIndex(of: UInt8(ascii: "@")) {
            guard let decoded = Self.percentDecoded(rest[..<at]), decoded.contains(UInt8(ascii: ":")) else {
                throw Invalid()
            }
            credentials = "Basic \(Self.base64(decoded))"
            rest = rest[(at + 1)...]
        }
        guard let (host, port) = HTTPURL.hostAndPort(rest), let port else { throw Invalid() }
        self.host = host
        self.port = port
        self.credentials = credentials
    }

    /// The user's name ends at the first colon, so one within it cannot be told from that.
    private static func percentDecoded(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var decoded: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            guard let high = rest.popFirst()?.hexadecimalValue, let low = rest.popFirst()?.hexadecimalValue else {
                return nil
            }
            decoded.append(high << 4 | low)
        }
        return decoded
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let number = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                let isPadding = place > group.count
                text.append(isPadding ? UInt8(ascii: "=") : digits[number >> (18 - 6 * place) & 63])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension HTTPProxy: CustomStringConvertible {
    /// Host and port, without credentials.
    package var description: String { HTTPOrigin(scheme: .http, host: host, port: port).authority }
}
