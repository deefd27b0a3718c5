extension JSONReader {
    /// Reads a string from its opening quotation mark to behind its closing one.
    mutating func readString() throws(JSONError) -> String {
        let start = position + 1
        var end = start
        var isASCII = true
        while end < bytes.count {
            let byte = bytes[end]
            if byte == UInt8(ascii: "\"") {
                if !isASCII, !isLenient { try checkUTF8(start..<end) }
                position = end + 1
                return String(decoding: bytes[start..<end], as: UTF8.self)
            }
            if byte == UInt8(ascii: "\\") {
                if !isASCII, !isLenient { try checkUTF8(start..<end) }
                return try readEscapedString(from: start, firstEscape: end)
            }
            if byte < 0x20, !isLenient { throw JSONError(.controlCharacter(byte), at: end) }
            if byte >= 0x80 { isASCII = false }
            end += 1
        }
        throw JSONError(.unexpectedEnd(expected: "the end of a string"), at: bytes.count)
    }

    private mutating func readEscapedString(from start: Int, firstEscape: Int) throws(JSONError) -> String {
        var text = Array(bytes[start..<firstEscape])
        position = firstEscape
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                try readEscape(into: &text)
            case 0x00..<0x20 where !isLenient:
                throw JSONError(.controlCharacter(byte), at: position)
            case 0x00..<0x80:
                text.append(byte)
                position += 1
            case 0x80...0xFF where isLenient:
                // What is no UTF-8 is replaced when the whole text is decoded.
                text.append(byte)
                position += 1
            default:
                let length = try lengthOfUTF8Sequence(at: position, before: bytes.count)
                text.append(contentsOf: bytes[position..<position + length])
                position += length
            }
        }
        throw JSONError(.unexpectedEnd(expected: "the end of a string"), at: bytes.count)
    }

    private mutating func readEscape(into text: inout [UInt8]) throws(JSONError) {
        let start = position
        guard start + 1 < bytes.count else {
            throw JSONError(.unexpectedEnd(expected: "the rest of an escape"), at: bytes.count)
        }
        position += 2
        switch bytes[start + 1] {
        case UInt8(ascii: "\""): text.append(UInt8(ascii: "\""))
        case UInt8(ascii: "\\"): text.append(UInt8(ascii: "\\"))
        case UInt8(ascii: "/"): text.append(UInt8(ascii: "/"))
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): try readUnicodeEscape(from: start, into: &text)
        case let byte where isLenient: text.append(contentsOf: [UInt8(ascii: "\\"), byte])
        default: throw JSONError(.invalidEscape, at: start)
        }
    }
}
