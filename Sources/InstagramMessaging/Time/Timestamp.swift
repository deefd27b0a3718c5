/// A moment on the wall clock, with the millisecond precision that Kafka and this project's messages have.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted; negative before it.
    public var millisecondsSinceEpoch: Int64

    /// Creates a timestamp from milliseconds since 1970-01-01T00:00:00Z.
    public init(millisecondsSinceEpoch: Int64) {
        self.millisecondsSinceEpoch = millisecondsSinceEpoch
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.millisecondsSinceEpoch < right.millisecondsSinceEpoch
    }

    /// This moment moved by a number of milliseconds; stays at the end of the range instead of overflowing.
    public func adding(milliseconds: Int64) -> Timestamp {
        let (sum, overflow) = millisecondsSinceEpoch.addingReportingOverflow(milliseconds)
        return Timestamp(millisecondsSinceEpoch: overflow ? (milliseconds > 0 ? .max : .min) : sum)
    }
}

extension Timestamp {
    /// Reads an RFC 3339 date-time such as `2025-06-30T14:05:09.250+02:00`; nil for everything else.
    ///
    /// Strict: the date, the letter `T`, the time with seconds and an offset or `Z` are all required, and the day must
    /// exist. Digits beyond milliseconds are dropped. A leap second (`23:59:60` UTC at the end of a month) counts as
    /// the second after it, as clocks without leap seconds show it.
    public init?(rfc3339 text: String) {
        // The longest offset and a generous fraction; the fraction has no length of its own in RFC 3339.
        guard (20...64).contains(text.utf8.count) else { return nil }
        var cursor = DigitCursor(text)
        guard let year = cursor.number(digits: 4), cursor.skip("-"),
            let month = cursor.number(digits: 2), cursor.skip("-"),
            let day = cursor.number(digits: 2), cursor.skip("T", or: "t"),
            let hour = cursor.number(digits: 2), cursor.skip(":"),
            let minute = cursor.number(digits: 2), cursor.skip(":"),
            let second = cursor.number(digits: 2),
            let millisecond = cursor.fractionInMilliseconds(),
            let offset = cursor.offsetInMinutes(),
            cursor.isAtEnd,
            (1...12).contains(month), day >= 1, day <= CivilDate.days(inMonth: month, of: year),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        let minutes = CivilDate(year: year, month: month, day: day).daysSinceEpoch * 1440 + hour * 60 + minute - offset
        if second == 60, !Self.isLastMinuteOfMonth(minutes) { return nil }
        self.init(millisecondsSinceEpoch: Int64((minutes * 60 + second) * 1000 + millisecond))
    }

    /// The moment as RFC 3339 text in UTC with milliseconds, such as `2025-06-30T12:05:09.250Z`.
    ///
    /// Moments outside the years 0000 to 9999, which RFC 3339 cannot write, appear as the first or last it can.
    public var rfc3339: String {
        var text: [UInt8] = []
        text.reserveCapacity(24)
        appendRFC3339(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends what ``rfc3339`` says.
    func appendRFC3339(to text: inout [UInt8]) {
        let bounded = min(max(millisecondsSinceEpoch, Self.firstWritable), Self.lastWritable)
        let day = bounded.flooringQuotient(dividingBy: 86_400_000)
        let millisecondOfDay = Int(bounded - day * 86_400_000)
        let date = CivilDate(daysSinceEpoch: Int(day))
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.rfc3339Template.utf8CodeUnitCount) { written in
            Self.rfc3339Template.withUTF8Buffer { _ = written.initialize(fromContentsOf: $0) }
            written.write(date.year, digits: 4, at: 0)
            written.write(date.month, digits: 2, at: 5)
            written.write(date.day, digits: 2, at: 8)
            written.write(millisecondOfDay / 3_600_000, digits: 2, at: 11)
            written.write(millisecondOfDay / 60_000 % 60, digits: 2, at: 14)
            written.write(millisecondOfDay / 1000 % 60, digits: 2, at: 17)
            written.write(millisecondOfDay % 1000, digits: 3, at: 20)
            text.append(contentsOf: written)
        }
    }

    private static let rfc3339Template: StaticString = "0000-00-00T00:00:00.000Z"
    private static let firstWritable: Int64 = -62_167_219_200_000
    private static let lastWritable: Int64 = 253_402_300_799_999

    private static func isLastMinuteOfMonth(_ minutesSinceEpoch: Int) -> Bool {
        let following = minutesSinceEpoch + 1
        guard following % 1440 == 0 else { return false }
        return CivilDate(daysSinceEpoch: following / 1440).day == 1
    }
}

extension UnsafeMutableBufferPointer<UInt8> {
    /// Writes a number that has at most so many digits.
    fileprivate func write(_ number: Int, digits: Int, at place: Int) {
        var rest = UInt32(truncatingIfNeeded: number)
        for digit in stride(from: place + digits - 1, through: place, by: -1) {
            self[digit] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }
}

/// Reads fixed-width numbers off the front of a text.
private struct DigitCursor {
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
