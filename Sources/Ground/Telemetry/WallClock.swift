#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The time of day, which may jump.
package enum WallClock {
    /// Nanoseconds since 1970; 0 before.
    package static var nanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec < 0 ? 0 : UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// A time in UTC with milliseconds, as RFC 3339 has it: `2026-01-02T03:04:05.678Z`.
    package static func text(nanoseconds: UInt64) -> String {
        let milliseconds = Int(nanoseconds / 1_000_000)
        let seconds = milliseconds / 1_000
        let (year, month, day) = date(days: seconds / 86_400)
        let second = seconds % 86_400
        return "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))T\(digits(second / 3_600, 2))"
            + ":\(digits(second / 60 % 60, 2)):\(digits(second % 60, 2)).\(digits(milliseconds % 1_000, 3))Z"
    }

    private static func digits(_ number: Int, _ count: Int) -> String {
        let text = String(number)
        return text.utf8.count < count ? String(repeating: "0", count: count - text.utf8.count) + text : text
    }

    /// The day of the Gregorian calendar that comes so many days after 1970-01-01.
    ///
    /// Years are counted from March, so that the leap day is their last one, in eras of 400 years, which are all of the
    /// same length.
    private static func date(days: Int) -> (year: Int, month: Int, day: Int) {
        let sinceMarchOfYear0 = days + 719_468
        let era = sinceMarchOfYear0 / 146_097
        let dayOfEra = sinceMarchOfYear0 % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
    }
}

extension WallClock {
    /// Seconds from 1970 to a date as HTTP writes it, `Sun, 06 Nov 1994 08:49:37 GMT`; nil for another text.
    static func seconds(httpDate text: Substring) -> Int64? {
        let pattern = #/[A-Z][a-z]{2}, ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT/#
        guard let match = text.wholeMatch(of: pattern), let month = months.firstIndex(of: match.2),
            let day = Int(match.1), let year = Int(match.3), let hour = Int(match.4), let minute = Int(match.5),
            let second = Int(match.6), (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        return Int64(days(year: year, month: month + 1, day: day) * 86_400 + hour * 3_600 + minute * 60 + second)
    }

    private static let months: [Substring] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The days from 1970-01-01 to a day of the Gregorian calendar from the year 1 on, counted as in `date(days:)`.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let yearFromMarch = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = yearFromMarch.quotientAndRemainder(dividingBy: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
