/// A date as HTTP headers write it (RFC 9110, section 5.6.7), in all three forms that a recipient has to accept:
/// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`.
enum HTTPDate {
    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    /// The moment, or nil for anything else. A two-digit year is the one closest to `now` that is not more than 50 years
    /// ahead of it.
    static func timestamp(_ text: String, now: Timestamp) -> Timestamp? {
        var words = text.lowercased().split { $0 == " " || $0 == "," || $0 == "-" }
        if words.last == "gmt" || words.last == "utc" { words.removeLast() }
        // The name of the day says nothing that the date does not.
        guard words.count == 5 else { return nil }
        words.removeFirst()
        if let month = months.firstIndex(where: { $0 == words[0] }) {
            return moment(day: words[1], month: month + 1, year: words[3], time: words[2], now: now)
        }
        guard let month = months.firstIndex(where: { $0 == words[1] }) else { return nil }
        return moment(day: words[0], month: month + 1, year: words[2], time: words[3], now: now)
    }

    private static func moment(
        day: Substring,
        month: Int,
        year: Substring,
        time: Substring,
        now: Timestamp
    ) -> Timestamp? {
        let parts = time.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3,
            let day = number(day, in: 1...31), let year = fullYear(year, now: now),
            let hour = number(parts[0], in: 0...23), let minute = number(parts[1], in: 0...59),
            let second = number(parts[2], in: 0...60), day <= CivilDate.days(inMonth: month, of: year)
        else { return nil }
        let days = CivilDate(year: year, month: month, day: day).daysSinceEpoch
        let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second
        return Timestamp(millisecondsSinceEpoch: Int64(seconds) * 1000)
    }

    private static func number(_ text: Substring, in range: ClosedRange<Int>) -> Int? {
        guard text.utf8.count <= 4, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int(text), range.contains(number)
        else { return nil }
        return number
    }

    private static func fullYear(_ text: Substring, now: Timestamp) -> Int? {
        if text.utf8.count == 4 { return number(text, in: 0...9999) }
        guard text.utf8.count == 2, let year = number(text, in: 0...99) else { return nil }
        let averageYear: Int64 = 31_556_952_000
        // A clock that stands outside the years that dates have is as good as one at their end.
        let current = 1970 + Int(min(max(now.millisecondsSinceEpoch / averageYear, -1970), 8029))
        let candidate = current - current % 100 + year
        return candidate > current + 50 ? candidate - 100 : candidate
    }
}
