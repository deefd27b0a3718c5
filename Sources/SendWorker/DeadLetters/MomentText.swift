package import InstagramMessaging

/// Moments as people write them on a command line: RFC 3339, or how long ago.
package enum MomentText {
    /// What is accepted, for an error's sentence.
    package static let accepted = "2026-11-21T08:00:00Z, or how long ago: 90s, 15m, 2h, 7d"

    /// Reads an RFC 3339 date-time or a duration back from `now`; nil for everything else.
    package static func parse(_ text: String, now: Timestamp) -> Timestamp? {
        if let moment = Timestamp(rfc3339: text) { return moment }
        guard let ago = milliseconds(text) else { return nil }
        return now.adding(milliseconds: -ago)
    }

    /// Days are understood beside the units that configuration has, since dead letters wait for days.
    private static func milliseconds(_ text: String) -> Int64? {
        if text.last == "d" {
            guard let hours = DurationText.parse("\(text.dropLast())h") else { return nil }
            let (product, overflow) = hours.components.seconds.multipliedReportingOverflow(by: 24_000)
            return overflow ? nil : product
        }
        guard let duration = DurationText.parse(text) else { return nil }
        let (seconds, attoseconds) = duration.components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? nil : product + attoseconds / 1_000_000_000_000_000
    }
}
