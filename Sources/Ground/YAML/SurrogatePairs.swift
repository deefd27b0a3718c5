/// JSON's way of writing characters beyond U+FFFF: two escapes, of which YAML takes neither. In a JSON text they are
/// read as YAML's one escape, `\U0001F600` for `\ud83d\ude00`; one without its other half, which JSON allows and no text
/// can hold, as U+FFFD.
struct SurrogatePairs {
    /// The text with YAML's escapes.
    let bytes: [UInt8]
    /// The characters of that text behind which the source has two more, in ascending order.
    private let places: [Int]

    /// The number of characters by which the one escape is shorter.
    private static let difference = 2

    /// Nil where the source has none, or is no JSON: elsewhere `\ud83d` may be a text.
    init?(_ source: ArraySlice<UInt8>) {
        guard source.contains(UInt8(ascii: "\\")) else { return nil }
        var (written, places, characters, hasHalves) = ([UInt8](), [Int](), 0, false)
        var (isInString, offset) = (false, source.startIndex)
        while offset < source.endIndex {
            let byte = source[offset]
            guard isInString ? byte != UInt8(ascii: "\n") : Self.standsOutsideOfStrings(byte) else { return nil }
            var width = 1
            if byte == UInt8(ascii: "\"") {
                isInString.toggle()
            } else if byte == UInt8(ascii: "\\") {
                if let scalar = Self.pair(in: source[offset...]) {
                    let digits = String(scalar, radix: 16)
                    written += "\\U\(String(repeating: "0", count: 8 - digits.count))\(digits)".utf8
                    characters += 10
                    places.append(characters - 1)
                    offset += 12
                    continue
                }
                if let half = Self.unit(source[offset...].prefix(6)), (0xd800..<0xe000).contains(half) {
                    hasHalves = true
                    written += "\\uFFFD".utf8
                    characters += 6
                    offset += 6
                    continue
                }
                width = min(2, source.endIndex - offset)
            }
            written += source[offset..<offset + width]
            characters += source[offset..<offset + width].count { $0 & 0xc0 != 0x80 }
            offset += width
        }
        guard !isInString, hasHalves || !places.isEmpty else { return nil }
        (bytes, self.places) = (written, places)
    }

    /// Returns the place in the source of what stands at a mark in the text.
    func original(_ mark: SourceMark) -> SourceMark {
        let before = count(below: mark.index)
        let onEarlierLines = count(below: mark.index - mark.column)
        return SourceMark(
            index: mark.index + Self.difference * before,
            line: mark.line,
            column: mark.column + Self.difference * (before - onEarlierLines)
        )
    }

    /// Returns the number of places that lie before a character.
    private func count(below index: Int) -> Int {
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if places[middle] < index { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func standsOutsideOfStrings(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "{}[]:,\" \t\r\n-+.E".utf8.contains(byte)
        }
    }

    /// The character that two escapes at the beginning of a text stand for.
    private static func pair(in text: ArraySlice<UInt8>) -> UInt32? {
        guard text.count >= 12, let high = unit(text.prefix(6)), let low = unit(text.dropFirst(6).prefix(6)),
            (0xd800..<0xdc00).contains(high), (0xdc00..<0xe000).contains(low)
        else { return nil }
        return 0x10000 + (high - 0xd800) << 10 + (low - 0xdc00)
    }

    private static func unit(_ escape: ArraySlice<UInt8>) -> UInt32? {
        guard escape.count == 6, escape.starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else { return nil }
        let digits = escape.dropFirst(2)
        guard digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }) else { return nil }
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
