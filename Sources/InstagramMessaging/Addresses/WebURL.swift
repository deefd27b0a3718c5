/// An absolute `http` or `https` URL taken apart, as far as its checks need.
package struct WebURL: Sendable, Hashable {
    /// The reason for which a text is no such URL.
    package enum Fault: Error, Sendable, Hashable {
        /// It does not begin with a scheme and `//`.
        case notAbsolute
        /// The scheme is neither `http` nor `https`.
        case scheme(String)
        /// A byte that a URL cannot hold unescaped, at that offset.
        case illegalByte(at: Int)
        /// A `%` without two hexadecimal digits, at that offset.
        case percentEscape(at: Int)
        /// The host is missing or no host.
        case host
        /// The port is no number from 1 to 65535.
        case port
    }

    package var isSecure: Bool
    /// True where a name or password stands before the host.
    package var hasUserInfo: Bool
    package var host: WebHost
    /// Nil where the URL names none.
    package var port: Int?
    /// The text behind the last point of the last path segment, in lower case; nil where there is none.
    package var fileExtension: String?

    /// Takes a URL apart.
    package init(_ text: String) throws(Fault) {
        let rest = try Self.schemeRemoved(from: text)
        isSecure = rest.isSecure
        if let fault = Self.firstIllegalByte(of: text) { throw fault }
        let afterScheme = rest.text
        let authorityEnd = afterScheme.utf8.firstIndex(where: Self.endsAuthority) ?? afterScheme.endIndex
        var authority = afterScheme[..<authorityEnd]
        if let at = authority.utf8.lastIndex(of: UInt8(ascii: "@")) {
            hasUserInfo = true
            authority = authority[authority.utf8.index(after: at)...]
        } else {
            hasUserInfo = false
        }
        (host, port) = try Self.hostAndPort(authority, allowsUnicode: false)
        fileExtension = Self.fileExtension(ofPath: afterScheme[authorityEnd...])
    }

    private static func schemeRemoved(from text: String) throws(Fault) -> (text: Substring, isSecure: Bool) {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), colon > text.startIndex,
            text.utf8[..<colon].allSatisfy({ $0.isLetterOrDigit || "+-.".utf8.contains($0) })
        else { throw .notAbsolute }
        let scheme = text[..<colon].lowercased()
        guard scheme == "http" || scheme == "https" else { throw .scheme(scheme.shortened(to: 16)) }
        let rest = text[text.utf8.index(after: colon)...]
        guard rest.utf8.starts(with: "//".utf8) else { throw .notAbsolute }
        return (rest[rest.utf8.index(rest.startIndex, offsetBy: 2)...], scheme == "https")
    }

    /// Splits `host[:port]`.
    static func hostAndPort(
        _ text: Substring,
        allowsUnicode: Bool
    ) throws(Fault) -> (host: WebHost, port: Int?) {
        let bytes = text.utf8
        let isBracketed = bytes.first == UInt8(ascii: "[")
        let searchStart = isBracketed ? bytes.firstIndex(of: UInt8(ascii: "]")) ?? text.endIndex : text.startIndex
        let colon = bytes[searchStart...].firstIndex(of: UInt8(ascii: ":"))
        guard let host = WebHost(text[..<(colon ?? text.endIndex)], allowsUnicode: allowsUnicode) else { throw .host }
        guard let colon else { return (host, nil) }
        let digits = text[bytes.index(after: colon)...]
        guard digits.utf8.allSatisfy(\.isDigit), let port = Int(digits), (1...65_535).contains(port) else {
            throw .port
        }
        return (host, port)
    }

    private static func firstIllegalByte(of text: String) -> Fault? {
        var hexDigitsDue = 0
        var percent = 0
        for (offset, byte) in text.utf8.enumerated() {
            if hexDigitsDue > 0 {
                guard byte.hexDigitValue != nil else { return .percentEscape(at: percent) }
                hexDigitsDue -= 1
            } else if byte == UInt8(ascii: "%") {
                (percent, hexDigitsDue) = (offset, 2)
            } else if byte <= 0x20 || byte >= 0x7F || isForbidden(byte) {
                return .illegalByte(at: offset)
            }
        }
        return hexDigitsDue > 0 ? .percentEscape(at: percent) : nil
    }

    private static func endsAuthority(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
    }

    private static func isForbidden(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\\"), UInt8(ascii: "^"),
            UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"):
            true
        default:
            false
        }
    }

    private static func fileExtension(ofPath rest: Substring) -> String? {
        let path = rest.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        let slash = path.lastIndex(of: UInt8(ascii: "/"))
        let segment = path[(slash.map(path.index(after:)) ?? path.startIndex)...]
        guard let point = segment.lastIndex(of: UInt8(ascii: ".")), point > segment.startIndex else { return nil }
        let suffix = segment[segment.index(after: point)...]
        return suffix.isEmpty ? nil : String(Substring(suffix)).lowercased()
    }
}

/// The host of a web URL.
package enum WebHost: Sendable, Hashable {
    /// A name in lower case without a trailing point.
    case name(String)
    /// An IPv4 address, in whatever form; the two ways of reading a leading zero where they differ.
    case ipv4([IPv4Address])
    case ipv6(IPv6Address)

    /// Reads a host as it stands in a URL, IPv6 addresses in brackets; nil where it is none.
    ///
    /// - Parameter allowsUnicode: accept international names as people type them, not only in their ASCII form.
    package init?(_ text: Substring, allowsUnicode: Bool = false) {
        if text.utf8.first == UInt8(ascii: "[") {
            guard text.utf8.last == UInt8(ascii: "]"),
                let address = IPv6Address(text.dropFirst().dropLast())
            else { return nil }
            self = .ipv6(address)
            return
        }
        var name = text.lowercased()
        if name.utf8.last == UInt8(ascii: ".") { name.removeLast() }
        guard let start = Self.startOfLastLabel(of: name.utf8, allowsUnicode: allowsUnicode) else { return nil }
        guard Self.isNumeric(name[start...]) else {
            self = .name(name)
            return
        }
        // A host that ends in a number is an address for every program, or an error.
        let octal = IPv4Address(host: name, leadingZero: .octal)
        let decimal = IPv4Address(host: name, leadingZero: .decimal)
        let readings = octal == decimal ? [octal] : [octal, decimal]
        self = .ipv4(readings.compactMap(\.self))
        if octal == nil, decimal == nil { return nil }
    }

    /// False for addresses and names that lead to this machine or into a private network, or nowhere: loopback, link-local,
    /// private and reserved addresses, `localhost`, names without a point, the private top-level names, and the special
    /// ones that the public DNS never holds (RFC 6761, RFC 7686).
    package var isPublic: Bool {
        switch self {
        case .ipv4(let readings): readings.allSatisfy(\.isPublic)
        case .ipv6(let address): address.isPublic
        case .name(let name):
            if let point = name.utf8.lastIndex(of: UInt8(ascii: ".")) {
                !Self.privateTopLevelNames.contains(name[name.utf8.index(after: point)...])
                    && !name.hasSuffix(".home.arpa")
            } else {
                false
            }
        }
    }

    private static let privateTopLevelNames: Set<Substring> = [
        "localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "private",
        "test", "invalid", "onion",
    ]

    /// Where the last label of a name begins; nil where a label is not well-formed.
    static func startOfLastLabel<Name: BidirectionalCollection<UInt8>>(
        of name: Name,
        allowsUnicode: Bool
    ) -> Name.Index? {
        guard (1...253).contains(name.count) else { return nil }
        var start = name.startIndex
        while true {
            let end = name[start...].firstIndex(of: UInt8(ascii: ".")) ?? name.endIndex
            let label = name[start..<end]
            guard (1...63).contains(label.count), label.first != UInt8(ascii: "-"), label.last != UInt8(ascii: "-"),
                label.allSatisfy({ isAllowedInLabel($0) || (allowsUnicode && $0 >= 0x80) })
            else { return nil }
            guard end < name.endIndex else { return start }
            start = name.index(after: end)
        }
    }

    private static func isAllowedInLabel(_ byte: UInt8) -> Bool {
        byte.isLetterOrDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    private static func isNumeric(_ label: Substring) -> Bool {
        if label.utf8.allSatisfy(\.isDigit) { return true }
        guard label.utf8.starts(with: "0x".utf8) else { return false }
        return label.utf8.dropFirst(2).allSatisfy { $0.hexDigitValue != nil }
    }
}
