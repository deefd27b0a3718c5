/// An absolute `http` or `https` URL taken apart, as far as its checks need.
package struct WebURL: Sendable, Hashable {
    /// Why a text is no such URL.
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
    /// What follows the last point of the last path segment, in lower case; nil where there is no such thing.
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
