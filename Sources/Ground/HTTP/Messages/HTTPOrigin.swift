/// The place that requests go to: scheme, host and port.
package struct HTTPOrigin: Hashable, Sendable {
    package enum Scheme: String, Sendable {
        case http
        case https

        /// The port where a URL names none.
        package var defaultPort: Int { self == .https ? 443 : 80 }
    }

    package var scheme: Scheme
    /// A name in lower case or an address, that of IPv6 without brackets.
    package var host: String
    package var port: Int

    package init(scheme: Scheme, host: String, port: Int) {
        self.scheme = scheme
        self.host = host
        self.port = port
    }

    /// The origin of an `http` or `https` URL; nil for what is none.
    package init?(url: String) {
        guard let parts = HTTPURL(url) else { return nil }
        self = parts.origin
    }

    /// The value of the `Host` header: without the scheme's own port.
    package var hostHeader: String {
        port == scheme.defaultPort ? bracketedHost : "\(bracketedHost):\(port)"
    }

    /// Host and port, as CONNECT and messages name them.
    package var authority: String { "\(bracketedHost):\(port)" }

    /// Whether the host means this machine, so that no proxy leads to it.
    package var isLoopback: Bool {
        host == "localhost" || host.hasSuffix(".localhost") || host == "::1"
            || (host.hasPrefix("127.") && host.utf8.allSatisfy { $0 == UInt8(ascii: ".") || $0.isASCIIDigit })
    }

    private var bracketedHost: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host }
}

extension UInt8 {
    var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    var isASCIILetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }

    /// The value of a hexadecimal digit; nil for other bytes.
    var hexadecimalValue: UInt8? {
        if isASCIIDigit { return self - UInt8(ascii: "0") }
        let letter = self | 0x20
        return (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(letter) ? letter - UInt8(ascii: "a") + 10 : nil
    }
}
