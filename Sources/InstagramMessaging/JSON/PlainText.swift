/// The bytes of a JSON string that stand for themselves: all but quotation mark, backslash and control characters.
///
/// Most texts have no other byte, and all of them are looked at on their way in and on their way out: eight at a time.
enum PlainText {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080
    private static let quotationMarks = ones &* UInt64(UInt8(ascii: "\""))
    private static let backslashes = ones &* UInt64(UInt8(ascii: "\\"))
    private static let spaces = ones &* 0x20

    /// Steps over bytes that stand for themselves.
    ///
    /// - Parameter isASCII: Set to false where one of them is no ASCII.
    /// - Returns: The place of the first byte that does not, or the end.
    static func end(in bytes: UnsafeBufferPointer<UInt8>, from start: Int, isASCII: inout Bool) -> Int {
        let raw = UnsafeRawBufferPointer(bytes)
        var place = start
        var seen: UInt64 = 0
        while place &+ 8 <= raw.count {
            let eight = raw.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            if hasSpecial(eight) { break }
            seen |= eight
            place &+= 8
        }
        if seen & highBits != 0 { isASCII = false }
        while place < raw.count {
            let byte = raw[place]
            if isSpecial(byte) { return place }
            if byte >= 0x80 { isASCII = false }
            place &+= 1
        }
        return place
    }

    static func isSpecial(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// Whether a byte of eight does not stand for itself. A byte at or above 0x80 always does.
    private static func hasSpecial(_ eight: UInt64) -> Bool {
        let quotation = eight ^ quotationMarks
        let backslash = eight ^ backslashes
        let below = (eight &- spaces) & ~eight
        let isQuotation = (quotation &- ones) & ~quotation
        let isBackslash = (backslash &- ones) & ~backslash
        return (below | isQuotation | isBackslash) & highBits != 0
    }
}
