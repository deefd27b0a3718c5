extension JSONReader {
    /// Reads a number and gives its text; no value is lost to rounding.
    mutating func readNumber() throws(JSONError) -> String {
        let start = position
        if byteHere == UInt8(ascii: "-") { position += 1 }
        let integerStart = position
        let integerDigits = skipDigits()
        if integerDigits == 0 || (integerDigits > 1 && bytes[integerStart] == UInt8(ascii: "0")) {
            throw JSONError(.invalidNumber, at: start)
        }
        if byteHere == UInt8(ascii: ".") {
            position += 1
            if skipDigits() == 0 { throw JSONError(.invalidNumber, at: start) }
        }
        if byteHere == UInt8(ascii: "e") || byteHere == UInt8(ascii: "E") {
            position += 1
            if byteHere == UInt8(ascii: "+") || byteHere == UInt8(ascii: "-") { position += 1 }
            if skipDigits() == 0 { throw JSONError(.invalidNumber, at: start) }
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private var byteHere: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    /// Steps over decimal digits and tells how many there were.
    private mutating func skipDigits() -> Int {
        let start = position
        while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
            position += 1
        }
        return position - start
    }
}
