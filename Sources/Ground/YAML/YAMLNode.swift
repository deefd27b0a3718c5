/// A place in a text; lines and columns count from 1, columns in characters.
package struct YAMLPlace: Sendable, Hashable, CustomStringConvertible {
    package let line: Int
    package let column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package var description: String { "line \(line) column \(column)" }
}

/// A value of a document, and where it stands.
///
/// Only its kind is fixed here; whether a scalar is a number, a boolean or a text is decided by whoever asks for it.
package struct YAMLNode: Sendable, Hashable {
    package indirect enum Content: Sendable, Hashable {
        case scalar(YAMLScalar)
        case list([YAMLNode])
        case map([YAMLMember])
    }

    package let content: Content
    /// The place at which the value is written; for an alias that is the place of its anchor.
    package let place: YAMLPlace
    /// The bytes of the source that stand for it here, anchor and tag included; for an alias those of the alias.
    package let range: Range<Int>
    /// Whether an alias stands here, so that the value is written elsewhere.
    package let isAlias: Bool
    /// Whether it stands in brackets or braces, where other rules hold for what is written plain.
    package let isInFlow: Bool

    package var scalar: YAMLScalar? {
        if case .scalar(let scalar) = content { scalar } else { nil }
    }

    package var list: [YAMLNode]? {
        if case .list(let items) = content { items } else { nil }
    }

    package var map: [YAMLMember]? {
        if case .map(let members) = content { members } else { nil }
    }

    /// Whether it is a plain `null`, `~` or nothing at all.
    package var isNull: Bool { scalar?.isNull ?? false }

    /// A map's value for a key; nil where it is no map, or has none.
    package subscript(key: String) -> YAMLNode? {
        map?.first { $0.key.text == key }?.value
    }
}

/// A key of a map with its value.
package struct YAMLMember: Sendable, Hashable {
    package let key: YAMLScalar
    /// The place of the key.
    package let place: YAMLPlace
    package let value: YAMLNode
}

/// A text of a document, and how it is written.
package struct YAMLScalar: Sendable, Hashable {
    package enum Style: Sendable, Hashable {
        case plain
        case singleQuoted
        case doubleQuoted
        /// A block that begins with `|`.
        case literal
        /// A block that begins with `>`.
        case folded
    }

    /// The text that it means: without quotes, with escapes resolved.
    package let text: String
    package let style: Style
    /// The tag's full name, where one is written.
    package let tag: String?
    /// The anchor's name, where one is written.
    package let anchor: String?
    /// The bytes of the source, quotes and block header included, anchor and tag excluded.
    package let textRange: Range<Int>
    /// Whether a comment follows on the same line whose `#` touches the next character, as in `ab #cd`: probably a text
    /// that lost its end for want of quotes.
    package let isFollowedByHash: Bool

    /// Whether it is a plain `null`, `~` or nothing at all.
    package var isNull: Bool {
        style == .plain && tag == nil && ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// Whether something that was meant as its text was probably taken for a comment or an anchor.
    package var isProbablyCut: Bool { isFollowedByHash || (isNull && anchor != nil) }

    /// Whether it looks like `key:value`, whose colon makes no map for want of a space.
    package var looksLikeMember: Bool {
        guard style == .plain, let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), colon > text.startIndex,
            text.utf8.index(after: colon) < text.endIndex
        else { return false }
        return text.utf8[..<colon].allSatisfy(\.isPartOfKey) && !text[colon...].hasPrefix("://")
    }
}

extension UInt8 {
    /// Whether it may stand in a key as people write them.
    var isPartOfKey: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }

    var isLineEnd: Bool { self == UInt8(ascii: "\n") || self == UInt8(ascii: "\r") }
}
