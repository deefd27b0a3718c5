/// Why bytes are not a JSON document, and where.
package struct JSONError: Error, Sendable, Hashable {
    /// The kinds of fault.
    package enum Reason: Sendable, Hashable {
        case empty
        case byteOrderMark
        case unexpectedEnd(expected: String)
        case unexpectedByte(UInt8, expected: String)
        case invalidUTF8
        case controlCharacter(UInt8)
        case invalidEscape
        case loneSurrogate
        case invalidNumber
        case duplicateMember(name: String)
        case tooDeep(maximum: Int)
        case trailingData
    }

    package var reason: Reason
    /// The offset of the first byte that is wrong; the length of the document where more was expected.
    package var offset: Int

    package init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

extension JSONError: CustomStringConvertible {
    /// One sentence with the byte offset. It repeats no content but a member's name, shortened.
    package var description: String {
        "\(sentence) (byte \(offset))"
    }

    private var sentence: String {
        switch reason {
        case .empty: "there is no JSON value, only white space or nothing"
        case .byteOrderMark: "a byte order mark precedes the JSON value; write UTF-8 without one"
        case .unexpectedEnd(let expected): "the JSON ends where \(expected) is expected"
        case .unexpectedByte(let byte, let expected): "\(Self.naming(byte)) stands where \(expected) is expected"
        case .invalidUTF8: "a string is not valid UTF-8"
        case .controlCharacter(let byte):
            "the control character \(Self.naming(byte)) stands unescaped in a string; write it as \\u00XX"
        case .invalidEscape: "a string holds an unknown escape; JSON knows \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX"
        case .loneSurrogate: "a \\u escape is half of a surrogate pair"
        case .invalidNumber: "a number is not written as JSON numbers are (no leading zero, plus sign or bare point)"
        case .duplicateMember(let name): "the member \"\(name.shortened(to: 64))\" occurs twice in one object"
        case .tooDeep(let maximum): "arrays and objects are nested more than \(maximum) levels deep"
        case .trailingData: "more data follows the JSON value"
        }
    }

    private static func naming(_ byte: UInt8) -> String {
        if byte > 0x20, byte < 0x7F {
            return "'\(Character(Unicode.Scalar(byte)))'"
        }
        let digits = String(byte, radix: 16, uppercase: true)
        return byte < 16 ? "byte 0x0\(digits)" : "byte 0x\(digits)"
    }
}

extension String {
    /// The text for a message: control characters replaced, so that it cannot forge lines of a log, and only its
    /// beginning and an ellipsis where it has more than that many Unicode scalars.
    func shortened(to limit: Int) -> String {
        let shown = unicodeScalars.prefix(limit).map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }
        var text = String(String.UnicodeScalarView(shown))
        if unicodeScalars.count > limit { text += "…" }
        return text
    }
}
