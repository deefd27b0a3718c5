/// Finds the links that are written out in a text.
///
/// A link begins with `http://` or `https://` (in any case) that no letter, digit, `+`, `-` or point precedes. Only its
/// host and port are judged: what follows them is for people and servers to make sense of.
enum LinkScanner {
    private struct Link {
        /// The byte offset at which it begins.
        var offset: Int
        /// The byte offset of what follows `://`.
        var host: Int
    }

    /// The byte offsets in the text at which links without a usable host or port begin.
    static func malformedLinks(in text: String) -> [Int] {
        guard mayContainLink(text) else { return [] }
        let bytes = Array(text.utf8)
        var malformed: [Int] = []
        var position = 0
        while let link = nextLink(in: bytes, from: position) {
            if !hasUsableHost(bytes[link.host...]) { malformed.append(link.offset) }
            position = link.host
        }
        return malformed
    }

    /// Whether a link is written out in the text.
    static func containsLink(_ text: String) -> Bool {
        mayContainLink(text) && nextLink(in: Array(text.utf8), from: 0) != nil
    }

    /// Nearly every text without a link is settled here.
    private static func mayContainLink(_ text: String) -> Bool {
        let utf8 = text.utf8
        return utf8.withContiguousStorageIfAvailable { $0.contains(UInt8(ascii: ":")) }
            ?? utf8.contains(UInt8(ascii: ":"))
    }

    private static func nextLink(in bytes: [UInt8], from start: Int) -> Link? {
        var position = start
        while true {
            position = nextColon(in: bytes, from: position)
            guard position + 2 < bytes.count else { return nil }
            guard bytes[position + 1] == UInt8(ascii: "/"), bytes[position + 2] == UInt8(ascii: "/") else {
                position += 1
                continue
            }
            let offset = schemeStart(before: position, in: bytes)
            if isWebScheme(bytes[offset..<position]) { return Link(offset: offset, host: position + 3) }
            position += 3
        }
    }

    /// The place of the next colon; the end where there is none. Texts are long, and links in them few.
    private static func nextColon(in bytes: [UInt8], from start: Int) -> Int {
        bytes.withUnsafeBufferPointer { bytes in
            var position = start
            while position < bytes.count, bytes[position] != UInt8(ascii: ":") { position += 1 }
            return position
        }
    }

    private static func schemeStart(before colon: Int, in bytes: [UInt8]) -> Int {
        // No scheme of interest is longer, and without a bound a long run of colons would be read again and again.
        let earliest = max(0, colon - 6)
        var start = colon
        while start > earliest, isAllowedInScheme(bytes[start - 1]) { start -= 1 }
        return start
    }

    private static func isAllowedInScheme(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: byte.isLetterOrDigit
        }
    }

    private static func isWebScheme(_ scheme: ArraySlice<UInt8>) -> Bool {
        (4...5).contains(scheme.count) && zip(scheme, "https".utf8).allSatisfy { $0 | 0x20 == $1 }
    }

    private static func hasUsableHost(_ rest: ArraySlice<UInt8>) -> Bool {
        var authority = rest.prefix { isAllowedInAuthority($0) }
        // A sentence may end behind a link, or a smiley begin.
        while let last = authority.last, isLeftAtEnd(last) { authority.removeLast() }
        if let at = authority.lastIndex(of: UInt8(ascii: "@")) { authority = authority[(at + 1)...] }
        if isPlainName(authority) { return true }
        let text = String(decoding: beforeSmiley(authority), as: UTF8.self)
        return (try? WebURL.hostAndPort(text[...], allowsUnicode: true)) != nil
    }

    /// Whether it is a host name and nothing else, as nearly every one is: the last label begins with a letter, so that it is
    /// no number.
    static func isPlainName(_ text: ArraySlice<UInt8>) -> Bool {
        guard let start = WebHost.startOfLastLabel(of: text, allowsUnicode: false) else { return false }
        return text[start].isLetterOrDigit && !text[start].isDigit
    }

    /// Returns what stands before a colon that no digit follows: that colon begins no port, people read `:D` and `:-P`
    /// as smileys.
    private static func beforeSmiley(_ authority: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        // The colons of an IPv6 address stand in brackets.
        let isBracketed = authority.first == UInt8(ascii: "[")
        let end = isBracketed ? authority.firstIndex(of: UInt8(ascii: "]")) : authority.startIndex
        guard var position = end else { return authority }
        while let colon = authority[position...].firstIndex(of: UInt8(ascii: ":")) {
            guard colon + 1 < authority.endIndex, authority[colon + 1].isDigit else { return authority[..<colon] }
            position = colon + 1
        }
        return authority
    }

    private static func isLeftAtEnd(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "-"): true
        default: false
        }
    }

    private static func isAllowedInAuthority(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "@"),
            UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "%"):
            true
        default: byte.isLetterOrDigit || byte >= 0x80
        }
    }
}
