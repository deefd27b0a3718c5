/// The ways in which the parsers read a piece of their bytes.
///
/// Bytes are read eight at a time and without a check for each where a measurement showed it: these loops see every byte of
/// every head.
extension Span<UInt8> {
    private static var ones: UInt64 { 0x0101_0101_0101_0101 }
    private static var highs: UInt64 { 0x8080_8080_8080_8080 }

    /// A word in which the lowest high bit that is set is in the first byte that is zero; 0 where none is.
    private static func zeros(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & highs }

    /// Eight bytes as one word, the first one lowest. The caller has checked that they are there.
    private func word(_ place: Int) -> UInt64 {
        UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: place, as: UInt64.self))
    }

    /// The place of the first line feed in the range, or the range's end.
    func lineFeed(in range: Range<Int>) -> Int {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        var place = range.lowerBound
        while place + 8 <= range.upperBound {
            let found = Self.zeros(word(place) ^ Self.ones &* UInt64(HTTPCharacters.lineFeed))
            if found != 0 { return place + found.trailingZeroBitCount / 8 }
            place += 8
        }
        while place < range.upperBound, self[place] != HTTPCharacters.lineFeed { place += 1 }
        return place
    }

    /// The end of the token at the range's beginning.
    func tokenEnd(in range: Range<Int>) -> Int {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        var place = range.lowerBound
        while place < range.upperBound, HTTPCharacters.isToken(self[unchecked: place]) { place += 1 }
        return place
    }

    /// Whether all bytes in the range are text.
    func isText(_ range: Range<Int>) -> Bool {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        var place = range.lowerBound
        while place < range.upperBound {
            if place + 8 <= range.upperBound {
                let word = word(place)
                let controls = (word &- Self.ones &* 0x20) & ~word & Self.highs
                if controls | Self.zeros(word ^ Self.ones &* 0x7F) == 0 {
                    place += 8
                    continue
                }
            }
            // The last bytes, or a tab among these eight.
            let end = min(place + 8, range.upperBound)
            while place < end {
                guard HTTPCharacters.isText(self[place]) else { return false }
                place += 1
            }
        }
        return true
    }

    /// Whether the bytes in the range are this text, whatever the case of ASCII's letters.
    func matches(_ range: Range<Int>, _ text: String) -> Bool {
        guard range.count == text.utf8.count else { return false }
        var place = range.lowerBound
        for byte in text.utf8 {
            guard HTTPCharacters.matches(self[place], byte) else { return false }
            place += 1
        }
        return true
    }

    /// The same for the words of the protocol, which every message is compared with.
    func matches(_ range: Range<Int>, word: StaticString) -> Bool {
        guard range.count == word.utf8CodeUnitCount else { return false }
        // A literal's bytes are constant memory; reading them as a String's takes four times as long.
        let letters = word.utf8Start
        for offset in 0..<range.count {
            guard HTTPCharacters.matches(self[range.lowerBound + offset], letters[offset]) else { return false }
        }
        return true
    }

    /// Whether the bytes in the range are exactly this text.
    func equals(_ range: Range<Int>, _ text: String) -> Bool {
        guard range.count == text.utf8.count else { return false }
        var place = range.lowerBound
        for byte in text.utf8 {
            guard self[place] == byte else { return false }
            place += 1
        }
        return true
    }

    /// The range without the spaces and tabs at its two ends.
    func trimmingBlanks(_ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, HTTPCharacters.isBlank(self[start]) { start += 1 }
        while start < end, HTTPCharacters.isBlank(self[end - 1]) { end -= 1 }
        return start..<end
    }

    /// The number that the range's decimal digits write; nil where there are none, other bytes, or more than 18.
    func decimal(_ range: Range<Int>) -> Int? {
        guard !range.isEmpty, range.count <= 18 else { return nil }
        var number = 0
        for place in range {
            guard HTTPCharacters.isDigit(self[place]) else { return nil }
            number = number * 10 + Int(self[place] - 0x30)
        }
        return number
    }

    func text(_ range: Range<Int>) -> String {
        extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}

extension [UInt8] {
    /// Appends the bytes in the range.
    mutating func append(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        // The only way to append many at once; the pointer does not leave the closure.
        bytes.extracting(range).withUnsafeBufferPointer { append(contentsOf: $0) }
    }
}

/// The elements of a comma-separated value, one after the other; empty ones included.
struct HTTPListReader {
    private var rest: Range<Int>?

    init(_ range: Range<Int>) { rest = range }

    /// The next element's range without the blanks around it; nil after the last one.
    mutating func next(in bytes: Span<UInt8>) -> Range<Int>? {
        guard let range = rest else { return nil }
        var end = range.lowerBound
        while end < range.upperBound, bytes[end] != HTTPCharacters.comma { end += 1 }
        rest = end < range.upperBound ? end + 1..<range.upperBound : nil
        return bytes.trimmingBlanks(range.lowerBound..<end)
    }
}
