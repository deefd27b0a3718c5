extension JSONReader {
    /// Reads a string from its opening quotation mark to behind its closing one.
    mutating func readString() throws(JSONError) -> String {
        let start = position + 1
        var end = start
        var isASCII = true
        while end < bytes.count {
            end = bytes.withUnsafeBufferPointer { PlainText.end(in: $0, from: end, isASCII: &isASCII) }
            guard end < bytes.count else { break }
            switch bytes[end] {
            case UInt8(ascii: "\""):
                if !isASCII, !isLenient { try checkUTF8(start..<end) }
                position = end + 1
                return text(start..<end)
            case UInt8(ascii: "\\"):
                if !isASCII, !isLenient { try checkUTF8(start..<end) }
                return try readEscapedString(from: start, firstEscape: end)
            case let byte:
                if !isLenient { throw JSONError(.controlCharacter(byte), at: end) }
                end += 1
            }
        }
        throw JSONError(.unexpectedEnd(expected: "the end of a string"), at: bytes.count)
    }

    private func text(_ range: Range<Int>) -> String {
        bytes.withUnsafeBufferPointer { String(decoding: UnsafeBufferPointer(rebasing: $0[range]), as: UTF8.self) }
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

extension JSONReader {
    /// Reads the digits behind `\u`; leniently, half of a pair is replaced and what are no digits stays as it stands.
    private mutating func readUnicodeEscape(from start: Int, into text: inout [UInt8]) throws(JSONError) {
        do {
            text.append(contentsOf: try readUnicodeScalar(from: start).utf8)
        } catch {
            guard isLenient else { throw error }
            let isHalf = error.reason == .loneSurrogate
            position = start + (isHalf ? 6 : 2)
            text.append(contentsOf: isHalf ? [0xEF, 0xBF, 0xBD] : Array("\\u".utf8))
        }
    }

    /// Reads the digits behind `\u`, and the second half where they are the first half of a surrogate pair.
    private mutating func readUnicodeScalar(from start: Int) throws(JSONError) -> Unicode.Scalar {
        let first = try readFourHexDigits(from: start)
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard (0xD800..<0xDC00).contains(first),
            position + 1 < bytes.count,
            bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw JSONError(.loneSurrogate, at: start) }
        let secondStart = position
        position += 2
        let second = try readFourHexDigits(from: secondStart)
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw JSONError(.loneSurrogate, at: start) }
        return scalar
    }

    private mutating func readFourHexDigits(from start: Int) throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard position < bytes.count else {
                throw JSONError(.unexpectedEnd(expected: "four hexadecimal digits"), at: position)
            }
            guard let digit = bytes[position].hexDigitValue else {
                throw JSONError(.invalidEscape, at: start)
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    /// Checks that the bytes of a string without escapes are UTF-8.
    private func checkUTF8(_ range: Range<Int>) throws(JSONError) {
        var offset = range.lowerBound
        while offset < range.upperBound {
            if bytes[offset] < 0x80 {
                offset += 1
            } else {
                offset += try lengthOfUTF8Sequence(at: offset, before: range.upperBound)
            }
        }
    }

    /// The length of the well-formed multi-byte sequence at that offset (RFC 3629: neither overlong nor a surrogate,
    /// at most U+10FFFF).
    private func lengthOfUTF8Sequence(at offset: Int, before end: Int) throws(JSONError) -> Int {
        let first = bytes[offset]
        let length: Int
        let second: ClosedRange<UInt8>
        switch first {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw JSONError(.invalidUTF8, at: offset)
        }
        guard offset + length <= end, second.contains(bytes[offset + 1]) else {
            throw JSONError(.invalidUTF8, at: offset)
        }
        for following in (offset + 2)..<max(offset + 2, offset + length) where bytes[following] & 0xC0 != 0x80 {
            throw JSONError(.invalidUTF8, at: offset)
        }
        return length
    }
}
