/// The way in which log lines and span documents write strings.
extension [UInt8] {
    /// Appends a JSON string.
    mutating func appendJSON(_ text: String) {
        append(UInt8(ascii: "\""))
        appendEscaped(text)
        append(UInt8(ascii: "\""))
    }

    /// Appends the inside of a JSON string, in which no character moves a terminal's cursor or breaks a line.
    mutating func appendEscaped(_ text: String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": self += "\\\"".utf8
            case "\\": self += "\\\\".utf8
            case "\n": self += "\\n".utf8
            case "\r": self += "\\r".utf8
            case "\t": self += "\\t".utf8
            case _ where scalar.isControl:
                self += "\\u".utf8
                self += Hexadecimal.text(UInt64(scalar.value), digits: 4).utf8
            default: self += scalar.utf8
            }
        }
    }
}

extension Unicode.Scalar {
    /// C0, delete and C1, and the two separators that break lines in some viewers: all below U+10000.
    var isControl: Bool { value < 0x20 || (0x7f...0x9f).contains(value) || (0x2028...0x2029).contains(value) }
}

extension Substring {
    /// The text without ASCII's white space at either end.
    var trimmingSpace: Substring {
        let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
        guard let start = utf8.firstIndex(where: { !isSpace($0) }), let end = utf8.lastIndex(where: { !isSpace($0) })
        else { return self[startIndex..<startIndex] }
        return self[start..<utf8.index(after: end)]
    }
}
