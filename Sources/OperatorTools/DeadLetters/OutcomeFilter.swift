package import InstagramMessaging
import SendWorker

/// The wanted dead letters or results. An empty list lets everything pass; the lists are joined by "and".
package struct OutcomeFilter: Sendable, Hashable {
    package var statuses: [SendResult.Status] = []
    package var categories: [ErrorCategory] = []
    /// Graph's error codes.
    package var codes: [Int] = []
    package var accountIDs: [String] = []
    package var requestIDs: [String] = []
    /// The first moment that is wanted.
    package var since: Timestamp?
    /// The first moment that is not wanted any more.
    package var until: Timestamp?

    /// A filter that lets everything pass.
    package init() {}

    package func matches(_ letter: DeadLetter) -> Bool {
        passes(statuses, letter.status)
            && passes(categories.map(\.rawValue), letter.category)
            && passes(codes, letter.code)
            && passes(accountIDs, letter.accountID)
            && passes(requestIDs, letter.requestID)
            && includes(letter.time)
    }

    /// A result's time is the moment at which the request ended.
    package func matches(_ result: SendResult) -> Bool {
        passes(statuses, result.status)
            && passes(categories, result.error?.category)
            && passes(codes, result.error?.code)
            && passes(accountIDs, result.accountID)
            && passes(requestIDs, result.requestID)
            && includes(result.completedAt)
    }

    /// The filter in words; nil where it lets everything pass.
    package var description: String? {
        var parts: [String] = []
        func add(_ name: String, _ values: [String]) {
            if !values.isEmpty { parts.append("\(name) \(values.joined(separator: " or "))") }
        }
        add("status", statuses.map(\.rawValue))
        add("category", categories.map(\.rawValue))
        add("code", codes.map(String.init))
        add("account", accountIDs)
        add("request id", requestIDs)
        if let since { parts.append("since \(since.rfc3339)") }
        if let until { parts.append("until \(until.rfc3339)") }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    private func passes<Value: Equatable>(_ wanted: [Value], _ value: Value?) -> Bool {
        guard !wanted.isEmpty else { return true }
        return value.map(wanted.contains) ?? false
    }

    private func includes(_ time: Timestamp) -> Bool {
        since.map { time >= $0 } != false && until.map { time < $0 } != false
    }
}

/// Moments as people write them on a command line: RFC 3339, or how long ago.
package enum MomentText {
    /// The accepted forms, for an error's sentence.
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
