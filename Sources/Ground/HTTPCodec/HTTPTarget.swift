/// The target of a request (RFC 9112, 3.2) in one of its four forms.
package struct HTTPTarget: Hashable, Sendable {
    package enum Form: Hashable, Sendable {
        /// `/path?query`
        case origin
        /// `http://host/path?query`
        case absolute
        /// `host:port`, for CONNECT only.
        case authority
        /// `*`, for OPTIONS only.
        case asterisk
    }

    package private(set) var form = Form.origin
    /// The path as it was sent, with its percent escapes; `*` in the asterisk form, empty in the authority form.
    package private(set) var path = "/"
    /// The text behind the question mark, as it was sent; nil where there is none.
    package private(set) var query: String?
    /// The host, with a port where there is one, that the target itself names.
    package private(set) var authority: String?

    init() {}

    /// The target that stands in the range; nil where it is in none of the forms.
    init?(_ bytes: Span<UInt8>, _ range: Range<Int>, method: HTTPMethod) {
        for place in range {
            guard HTTPCharacters.isTarget(bytes[place]) else { return nil }
        }
        let first = bytes[range.lowerBound]
        if method == .connect {
            guard Self.isAuthority(bytes, range, needsPort: true) else { return nil }
            form = .authority
            path = ""
            authority = bytes.text(range)
        } else if first == UInt8(ascii: "/") {
            setPath(bytes, range)
        } else if range.count == 1, first == UInt8(ascii: "*") {
            guard method == .options else { return nil }
            form = .asterisk
            path = "*"
        } else {
            guard setAbsolute(bytes, range) else { return nil }
        }
    }

    private mutating func setAbsolute(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        for scheme in ["http://", "https://"] {
            let start = range.lowerBound + scheme.utf8.count
            guard start < range.upperBound, bytes.matches(range.lowerBound..<start, scheme) else { continue }
            var end = start
            while end < range.upperBound, bytes[end] != UInt8(ascii: "/"), bytes[end] != UInt8(ascii: "?") { end += 1 }
            guard Self.isAuthority(bytes, start..<end) else { return false }
            form = .absolute
            authority = bytes.text(start..<end)
            setPath(bytes, end..<range.upperBound)
            return true
        }
        return false
    }

    private mutating func setPath(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        var end = range.lowerBound
        while end < range.upperBound, bytes[end] != UInt8(ascii: "?") { end += 1 }
        if end > range.lowerBound { path = bytes.text(range.lowerBound..<end) }
        if end < range.upperBound { query = bytes.text(end + 1..<range.upperBound) }
    }

    /// Whether the range is a host name or an address (IPv6 in brackets), with a port of up to five digits behind a colon.
    static func isAuthority(_ bytes: Span<UInt8>, _ range: Range<Int>, needsPort: Bool = false) -> Bool {
        let isBracketed = !range.isEmpty && bytes[range.lowerBound] == UInt8(ascii: "[")
        var end = range.lowerBound
        while end < range.upperBound {
            let byte = bytes[end]
            guard HTTPCharacters.isAuthority(byte) else { return false }
            if byte == UInt8(ascii: "["), end > range.lowerBound { return false }
            if isBracketed ? byte == UInt8(ascii: "]") : byte == HTTPCharacters.colon { break }
            if byte == UInt8(ascii: "]") { return false }
            end += 1
        }
        if isBracketed {
            guard end < range.upperBound, end > range.lowerBound + 1 else { return false }
            end += 1
        } else if end == range.lowerBound {
            return false
        }
        guard end < range.upperBound else { return !needsPort }
        guard bytes[end] == HTTPCharacters.colon else { return false }
        let port = end + 1..<range.upperBound
        guard let number = bytes.decimal(port) else { return port.isEmpty && !needsPort }
        return number <= 65_535
    }
}
