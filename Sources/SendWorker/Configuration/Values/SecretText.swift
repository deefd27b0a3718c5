import Telemetry

/// A text that must not be shown: every way of printing it says `<redacted>`.
package struct SecretText: Sendable, Hashable {
    /// The text itself, for the one place that needs it.
    package let revealed: String

    package init(_ text: String) {
        revealed = text
    }
}

extension SecretText: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }

    package var debugDescription: String { "<redacted>" }

    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension SecretText {
    /// Takes a text from outside that has to be one line; line ends behind it are taken off. The refusal repeats nothing.
    static func line(of text: String) -> Result<SecretText, ValueRefusal> {
        let line = text.withoutLineEnds
        if line.isEmpty { return .failure(ValueRefusal("is empty; write a text")) }
        if line.holdsLineBreak { return .failure(ValueRefusal("holds a line break; write it on one line")) }
        // What a reader puts in the place of half a character; the secret is another then.
        if line.unicodeScalars.contains("\u{FFFD}") {
            return .failure(ValueRefusal("holds a character that cannot be read; write it anew"))
        }
        return .success(SecretText(String(line)))
    }
}

extension ValueFormat<SecretText> {
    /// A text that is never shown, on one line; line ends behind it are taken off.
    static var secret: Self {
        line { _ in nil }
    }

    /// The secret of an application at Meta.
    static var appSecret: Self {
        // An equals sign may be a part of it: only Meta's tokens are known to have none near their beginning.
        line { text in SecretWrapping(of: text).flatMap { $0 == .name ? nil : $0.description } }
    }

    /// HTTP headers in one text.
    static var headers: Self {
        let accepted = "name=value, several divided by commas"
        return ValueFormat(
            typeName: "secret",
            accepted: accepted,
            parse: { text in
                let secret: SecretText
                switch SecretText.line(of: text) {
                case .success(let line): secret = line
                case .failure(let refusal): return .failure(refusal)
                }
                guard let members = HeaderList.parse(secret.revealed) else {
                    return .failure(ValueRefusal("is not a list of HTTP headers; write \(accepted)"))
                }
                guard !members.contains(where: { HeaderList.isReserved($0.0) }) else {
                    return .failure(ValueRefusal("names a header that the worker sets by itself; leave that out"))
                }
                return .success(secret)
            },
            show: { $0.description }
        )
    }

    /// - Parameter fault: Returns a further fault of a text; nil if there is none.
    private static func line(_ fault: @escaping @Sendable (Substring) -> String?) -> Self {
        ValueFormat(
            typeName: "secret",
            accepted: "a text",
            parse: { text in
                SecretText.line(of: text).flatMap { secret in
                    let line = secret.revealed[...]
                    if line.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
                        return .failure(ValueRefusal("holds a control character; write it anew"))
                    }
                    return fault(line).map { .failure(ValueRefusal($0)) } ?? .success(secret)
                }
            },
            show: { $0.description }
        )
    }
}

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
