extension JSONReader {
    /// Reads the digits behind `\u`; leniently, half of a pair is replaced and what are no digits stays as it stands.
    mutating func readUnicodeEscape(from start: Int, into text: inout [UInt8]) throws(JSONError) {
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
    func checkUTF8(_ range: Range<Int>) throws(JSONError) {
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
    func lengthOfUTF8Sequence(at offset: Int, before end: Int) throws(JSONError) -> Int {
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
