/// An `http` or `https` URL, split into where a request goes and what it asks for.
///
/// Credentials within a URL and its fragment are dropped: neither is sent anywhere.
package struct HTTPURL: Sendable, Hashable {
    package let origin: HTTPOrigin
    /// Path and query as they stand in the request line. Bytes that may not stand there are percent-encoded.
    package let target: String

    /// - Returns: Nil for another scheme, a host that is neither a name in ASCII nor an address, a port that is none, and
    ///   for control characters anywhere.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }), let (scheme, start) = Self.scheme(of: bytes) else {
            return nil
        }
        let authorityEnd = bytes[start...].firstIndex(where: Self.endsAuthority) ?? bytes.endIndex
        var authority = bytes[start..<authorityEnd]
        if let credentials = authority.lastIndex(of: UInt8(ascii: "@")) {
            authority = authority[(credentials + 1)...]
        }
        guard let (host, port) = Self.hostAndPort(authority) else { return nil }
        origin = HTTPOrigin(scheme: scheme, host: host, port: port ?? scheme.defaultPort)
        target = Self.target(bytes[authorityEnd...])
    }

    private static func scheme(of bytes: [UInt8]) -> (HTTPOrigin.Scheme, Int)? {
        for scheme in [HTTPOrigin.Scheme.https, .http] {
            let prefix = Array("\(scheme.rawValue)://".utf8)
            let start = bytes.prefix(prefix.count).map { $0.isASCIILetter ? $0 | 0x20 : $0 }
            if start == prefix { return (scheme, prefix.count) }
        }
        return nil
    }

    private static func endsAuthority(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
            || byte == UInt8(ascii: "\\")
    }

    /// Reads `host`, `host:port`, `[::1]` and `[::1]:port`. An empty port is the scheme's own.
    static func hostAndPort(_ authority: ArraySlice<UInt8>) -> (host: String, port: Int?)? {
        var host = authority
        var rest = ArraySlice<UInt8>()
        if authority.first == UInt8(ascii: "[") {
            guard let end = authority.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            host = authority[(authority.startIndex + 1)..<end]
            rest = authority[(end + 1)...]
            guard host.contains(UInt8(ascii: ":")), host.allSatisfy(isAllowedInIPv6) else { return nil }
        } else {
            let colon = authority.firstIndex(of: UInt8(ascii: ":")) ?? authority.endIndex
            host = authority[..<colon]
            rest = authority[colon...]
            guard !host.isEmpty, host.count <= 255, host.allSatisfy(isAllowedInName) else { return nil }
        }
        let name = String(decoding: host, as: UTF8.self).lowercased()
        guard let colon = rest.first else { return (name, nil) }
        guard colon == UInt8(ascii: ":") else { return nil }
        let digits = rest.dropFirst()
        if digits.isEmpty { return (name, nil) }
        guard digits.count <= 5, digits.allSatisfy(\.isASCIIDigit) else { return nil }
        let port = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return (1...65_535).contains(port) ? (name, port) : nil
    }

    private static func isAllowedInName(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
            || byte == UInt8(ascii: "_")
    }

    private static func isAllowedInIPv6(_ byte: UInt8) -> Bool {
        byte.hexadecimalValue != nil || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
    }

    private static func target(_ rest: ArraySlice<UInt8>) -> String {
        let rest = rest.prefix { $0 != UInt8(ascii: "#") }
        var target: [UInt8] = []
        target.reserveCapacity(rest.count + 1)
        if rest.first != UInt8(ascii: "/") { target.append(UInt8(ascii: "/")) }
        for byte in rest {
            if isAllowedInTarget(byte) {
                target.append(byte)
            } else {
                let digits = Array("0123456789ABCDEF".utf8)
                target += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: target, as: UTF8.self)
    }

    private static func isAllowedInTarget(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\\"), UInt8(ascii: "^"),
            UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"):
            false
        default: (0x21...0x7E).contains(byte)
        }
    }
}
