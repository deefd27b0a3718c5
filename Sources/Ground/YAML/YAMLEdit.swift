/// Bytes to be put in the place of others in a document's source.
package struct YAMLEdit: Sendable, Hashable {
    package var range: Range<Int>
    package var bytes: [UInt8]

    package init(range: Range<Int>, bytes: [UInt8]) {
        self.range = range
        self.bytes = bytes
    }
}

extension YAMLDocument {
    /// The change that makes a scalar another text and leaves all else as it is written, comments included.
    ///
    /// Anchor, tag and way of quoting stay as far as the text allows; a block becomes a quoted text. Where an alias
    /// stands, the text replaces the alias, and what its anchor names stays.
    ///
    /// - Returns: Nil for lists and maps, and where nothing is written that could be replaced.
    package func edit(replacing node: YAMLNode, with text: String) -> YAMLEdit? {
        guard let scalar = node.scalar else { return nil }
        let style = isStrictlyJSON ? .doubleQuoted : node.isAlias ? .plain : scalar.style
        return edit(replacing: node, withSource: Self.written(text, style, isInFlow: node.isInFlow))
    }

    /// The same with bytes that are put there as they are.
    package func edit(replacing node: YAMLNode, withSource bytes: [UInt8]) -> YAMLEdit? {
        guard let scalar = node.scalar else { return nil }
        if node.isAlias { return YAMLEdit(range: node.range, bytes: bytes) }
        guard !scalar.textRange.isEmpty else { return nil }
        if scalar.style == .plain, !node.isInFlow, bytes.first.map("'\"".utf8.contains) == true,
            isTabLine(behind: scalar.textRange.upperBound)
        {
            return nil
        }
        // An anchor may end where a colon begins the text.
        let isBehindAnchor = scalar.textRange.lowerBound > node.range.lowerBound
        let isApart = !isBehindAnchor || source[scalar.textRange.lowerBound - 1] <= UInt8(ascii: " ")
        let bytes = isApart ? bytes : [UInt8(ascii: " ")] + bytes
        switch scalar.style {
        case .plain, .singleQuoted, .doubleQuoted: return YAMLEdit(range: scalar.textRange, bytes: bytes)
        case .literal, .folded:
            // A block may begin a line further left than a quoted text.
            guard !isFirstOfLine(scalar.textRange.lowerBound) else { return nil }
            let (range, comment) = block(in: scalar.textRange)
            return YAMLEdit(range: range, bytes: bytes + comment)
        }
    }

    /// The source with changes made, which must not overlap.
    package func applying(_ edits: [YAMLEdit]) -> [UInt8] {
        var (edited, offset) = ([UInt8](), 0)
        for edit in edits.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            edited += source[offset..<edit.range.lowerBound]
            edited += edit.bytes
            offset = edit.range.upperBound
        }
        return edited + source[offset...]
    }

    private func isFirstOfLine(_ offset: Int) -> Bool {
        source[..<offset].last { !$0.isBlank }.map { !(0x21...0x7e).contains($0) } ?? true
    }

    /// Whether white space follows in which a line begins with a tab: a plain text goes on there, a quoted one may not.
    private func isTabLine(behind offset: Int) -> Bool {
        var isBehindLineEnd = false
        for scalar in String(decoding: source[offset...].prefix { !(0x21...0x7e).contains($0) }, as: UTF8.self)
            .unicodeScalars
        {
            switch scalar {
            case "\t" where isBehindLineEnd: return true
            case " ", "\t": break
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": isBehindLineEnd = true
            default: return false
            }
        }
        return false
    }

    /// A block without the line ends behind it, and the comment of its first line with a blank before it.
    private func block(in range: Range<Int>) -> (Range<Int>, comment: [UInt8]) {
        let header = source[range.lowerBound..<(range.first { source.lineEnd(at: $0) != nil } ?? range.upperBound)]
        let comment = header.firstIndex(of: UInt8(ascii: "#")).map { [UInt8(ascii: " ")] + header[$0...] } ?? []
        var end = range.upperBound
        while end > range.lowerBound, let width = source.whiteSpace(before: end) { end -= width }
        guard source[end..<range.upperBound].contains(UInt8(ascii: "\t")) else {
            return (range.lowerBound..<end, comment)
        }
        // A tab belongs to the block's text: behind a quoted one it would be none, so only the last line end stays.
        let isBlank = source[range.upperBound - 1].isBlank
        let last = isBlank ? 0 : source.whiteSpace(before: range.upperBound) ?? 0
        return (range.lowerBound..<range.upperBound - last, comment)
    }

    /// A text as it is written on one line, in a style where that can hold it, else in double quotes.
    package static func written(_ text: String, _ style: YAMLScalar.Style, isInFlow: Bool) -> [UInt8] {
        switch style {
        case .plain where canBePlain(text, isInFlow: isInFlow):
            return Array(text.utf8)
        case .singleQuoted where text.unicodeScalars.allSatisfy(isPrintable):
            return Array("'\(text.replacing("'", with: "''"))'".utf8)
        default:
            return Array("\"\(text.unicodeScalars.map(escaped).joined())\"".utf8)
        }
    }

    /// Whether a text reads back as itself without quotes. Says no of some that would.
    private static func canBePlain(_ text: String, isInFlow: Bool) -> Bool {
        guard let first = text.utf8.first, text.utf8.last != UInt8(ascii: ":"),
            text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }),
            !"-?:,[]{}#&*!|>'\"%@`~<=".utf8.contains(first),
            !["null", "Null", "NULL"].contains(text), !text.hasPrefix("...")
        else { return false }
        return !isInFlow || !text.utf8.contains { ",[]{}?:".utf8.contains($0) }
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7e, 0xa0...0x2027, 0x202a...0xd7ff, 0xe000...0xfefe, 0xff00...0xfffd, 0x10000...: true
        default: false
        }
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        case _ where isPrintable(scalar): return String(scalar)
        default:
            let digits = String(scalar.value, radix: 16, uppercase: true)
            return "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        }
    }
}
