/// The part of its allowance that an account (`X-Business-Use-Case-Usage`) or the application (`X-App-Usage`) has used.
public struct UsageReport: Sendable, Hashable {
    /// The worst of all percentages given, 0 and up (Graph goes past 100).
    public var highestPercent: Int
    /// Minutes until calls are accepted again, the worst of all given; nil or 0 says nothing.
    public var regainMinutes: Int?

    /// Creates a report.
    public init(highestPercent: Int, regainMinutes: Int? = nil) {
        self.highestPercent = highestPercent
        self.regainMinutes = regainMinutes
    }
}

extension UsageReport {
    private static let longestHeader = 65_536
    private static let highestNumber = 1_000_000.0

    /// Budgets of other products, which say nothing of messages.
    private static let otherProducts: Set = ["custom_audience", "leadgen", "pages", "whatsapp"]
    private static let familiesOfOtherProducts = ["ads_", "catalog_"]

    /// Reads an answer's `X-App-Usage` or `X-Business-Use-Case-Usage` and takes the worst of everything it says.
    ///
    /// Both hold JSON: the one, of the application, an object with percentages; the other, of the account, an object of
    /// lists of such objects, with a `type` and `estimated_time_to_regain_access` in minutes. Numbers may come as strings,
    /// unknown members are skipped, and a header that is not JSON, or only of other products' budgets, says nothing: nil.
    public init?(header: String?) {
        guard let header, header.utf8.count <= Self.longestHeader,
            let value = try? JSONReader.read(Array(header.utf8))
        else { return nil }
        var highest: Int?
        var regain: Int?
        Self.collect(value, highest: &highest, regain: &regain)
        guard highest != nil || regain != nil else { return nil }
        self.init(highestPercent: highest ?? 0, regainMinutes: regain)
    }

    private static func collect(_ value: JSONValue, highest: inout Int?, regain: inout Int?) {
        for element in value.array ?? [] { collect(element, highest: &highest, regain: &regain) }
        let members = value.members ?? []
        if let type = members.first(where: { $0.name == "type" })?.value.string, isOfOtherProduct(type) { return }
        for member in members {
            switch member.name {
            case "call_count", "total_time", "total_cputime":
                if let percent = number(member.value) { highest = max(highest ?? 0, percent) }
            case "estimated_time_to_regain_access":
                if let minutes = number(member.value) { regain = max(regain ?? 0, minutes) }
            default:
                collect(member.value, highest: &highest, regain: &regain)
            }
        }
    }

    private static func isOfOtherProduct(_ type: String) -> Bool {
        otherProducts.contains(type) || familiesOfOtherProducts.contains { type.hasPrefix($0) }
    }

    /// A number or a string that holds one, rounded up, from 0 to a million.
    private static func number(_ value: JSONValue) -> Int? {
        let text: String
        switch value.content {
        case .number(let digits), .string(let digits): text = digits
        default: return nil
        }
        guard let number = Double(text), !number.isNaN else { return nil }
        let bounded = min(max(number, 0), highestNumber)
        let whole = Int(bounded)
        return Double(whole) < bounded ? whole + 1 : whole
    }
}

/// The `Retry-After` header (RFC 9110, section 10.2.3): a number of seconds or a date.
enum RetryAfter {
    /// The longest wait taken from a header: 24 hours. Whoever asks for more is asked again after that.
    static let longestMilliseconds: Int64 = 86_400_000

    /// The time to wait in milliseconds, from 0 to ``longestMilliseconds``; nil where the value is neither form.
    static func milliseconds(_ value: String, now: Timestamp) -> Int64? {
        let text = value.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        guard !text.isEmpty else { return nil }
        if text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            // More digits than an Int64 holds still mean a long wait.
            guard let seconds = Int64(text) else { return longestMilliseconds }
            return seconds >= longestMilliseconds / 1000 ? longestMilliseconds : seconds * 1000
        }
        guard let date = HTTPDate.timestamp(text, now: now) else { return nil }
        let wait = date.millisecondsSinceEpoch.subtractingReportingOverflow(now.millisecondsSinceEpoch)
        if wait.overflow { return now < date ? longestMilliseconds : 0 }
        return min(max(wait.partialValue, 0), longestMilliseconds)
    }
}

/// A date as HTTP headers write it (RFC 9110, section 5.6.7), in all three forms that a recipient has to accept:
/// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`.
private enum HTTPDate {
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
