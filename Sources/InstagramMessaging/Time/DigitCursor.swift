/// Reads fixed-width numbers off the front of a text.
struct DigitCursor {
    private var rest: String.UTF8View.Iterator
    private var next: UInt8?

    init(_ text: String) {
        rest = text.utf8.makeIterator()
        next = rest.next()
    }

    var isAtEnd: Bool { next == nil }

    /// Exactly that many decimal digits as a number.
    mutating func number(digits: Int) -> Int? {
        var value = 0
        for _ in 0..<digits {
            guard let digit = takeDigit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// Steps over one ASCII character; false where another one stands there.
    mutating func skip(_ character: Unicode.Scalar, or alternative: Unicode.Scalar? = nil) -> Bool {
        guard let byte = next, byte == UInt8(ascii: character) || byte == alternative.map(UInt8.init(ascii:)) else {
            return false
        }
        next = rest.next()
        return true
    }

    /// Reads `.` and digits where they stand here; 0 where no fraction stands here, nil for a point without digits.
    mutating func fractionInMilliseconds() -> Int? {
        guard skip(".") else { return 0 }
        guard let first = takeDigit() else { return nil }
        var value = first * 100
        var weight = 10
        while let digit = takeDigit() {
            value += digit * weight
            weight /= 10
        }
        return value
    }

    /// Reads `Z` or `±hh:mm`.
    mutating func offsetInMinutes() -> Int? {
        if skip("Z", or: "z") { return 0 }
        let sign: Int
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hours = number(digits: 2), skip(":"), let minutes = number(digits: 2), hours < 24, minutes < 60
        else { return nil }
        return sign * (hours * 60 + minutes)
    }

    private mutating func takeDigit() -> Int? {
        guard let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        next = rest.next()
        return Int(byte - UInt8(ascii: "0"))
    }
}
