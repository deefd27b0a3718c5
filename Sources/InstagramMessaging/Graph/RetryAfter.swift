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
