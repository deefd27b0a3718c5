/// Something that was copied along with a token or an app's secret: neither has it by itself, and Meta would refuse the
/// whole. Repeats nothing of the text.
package enum SecretWrapping: Sendable, Hashable, CustomStringConvertible {
    case quotationMarks
    /// `KEY=` or `key: ` before it, as in a file of variables.
    case name
    /// `Bearer ` before it, as in a header.
    case scheme
    case json

    /// The longest name that is looked for, so that a token with an equals sign far behind its beginning is none.
    private static let longestName = 64

    /// Finds what stands around a text; nil where it looks like the thing itself.
    init?(of text: some StringProtocol) {
        let text = String(text.trimmed)
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return nil }
        if first == "{" || first == "[" {
            self = .json
        } else if Self.isQuotationMark(first) || Self.isQuotationMark(last) {
            self = .quotationMarks
        } else if text.prefix(7).lowercased() == "bearer " {
            self = .scheme
        } else if Self.beginsWithName(text) {
            self = .name
        } else {
            return nil
        }
    }

    package var description: String {
        switch self {
        case .quotationMarks: "stands in quotation marks; write it without them"
        case .name: "begins with a name and an equals sign or a colon (KEY=…); write only what follows them"
        case .scheme: "begins with Bearer; write only what follows it"
        case .json: "is JSON; write the text alone that stands in it"
        }
    }

    private static func isQuotationMark(_ scalar: Unicode.Scalar) -> Bool {
        "\"'`\u{2018}\u{2019}\u{201A}\u{201C}\u{201D}\u{201E}\u{AB}\u{BB}".unicodeScalars.contains(scalar)
    }

    /// Whether a name stands at the beginning, then an equals sign or a colon and a blank, then something else: equals
    /// signs at the end may be a part of the secret.
    private static func beginsWithName(_ text: String) -> Bool {
        var bytes = Array(text.utf8.prefix(longestName + 10))[...]
        if bytes.starts(with: "export ".utf8) { bytes = bytes.dropFirst("export ".utf8.count) }
        let name = bytes.prefix {
            ValueFormat<String>.isWordByte($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
        }
        guard let first = name.first, !ValueFormat<String>.isDigit(first), name.count <= longestName else {
            return false
        }
        let isBlank: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        let rest = bytes.dropFirst(name.count).drop(while: isBlank)
        switch rest.first {
        case UInt8(ascii: "="): return rest.contains { $0 != UInt8(ascii: "=") && !isBlank($0) }
        case UInt8(ascii: ":"): return rest.dropFirst().first.map(isBlank) ?? false
        default: return false
        }
    }
}

extension String {
    /// The text without the line ends behind it, which editors, shells and mounted secrets leave there.
    var withoutLineEnds: Substring {
        let isEnd: (UInt8) -> Bool = { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        return self[..<(utf8.lastIndex { !isEnd($0) }.map { utf8.index(after: $0) } ?? startIndex)]
    }
}

extension Substring {
    /// Whether a line ends in it.
    var holdsLineBreak: Bool {
        unicodeScalars.contains { ["\n", "\r", "\u{0B}", "\u{0C}", "\u{85}", "\u{2028}", "\u{2029}"].contains($0) }
    }
}
