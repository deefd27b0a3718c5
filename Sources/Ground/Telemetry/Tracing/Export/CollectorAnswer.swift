/// The outcome of sending spans to the collector.
package enum CollectorAnswer: Sendable, Hashable {
    /// It took them, but for so many that it says it rejected.
    case accepted(rejected: Int)
    /// It will never take them.
    case refused(String)
    /// It may take them later.
    case unavailable(String, retryAfter: Duration?)
}

extension CollectorAnswer {
    /// The meaning of a response by OTLP's rules.
    ///
    /// - Parameters:
    ///   - retryAfter: The response's header of that name.
    ///   - nanoseconds: The time of day, since 1970.
    init(status: Int, retryAfter: String?, body: [UInt8], now nanoseconds: UInt64) {
        switch status {
        case 200..<300: self = .accepted(rejected: Self.rejected(in: body))
        case 429, 502, 503, 504:
            let wait = retryAfter.flatMap { Self.wait($0, now: nanoseconds) }
            self = .unavailable("HTTP \(status)", retryAfter: wait)
        default: self = .refused("HTTP \(status)")
        }
    }

    /// Returns the wait that `Retry-After` asks for, in seconds or until a date; nil for a text that is neither.
    private static func wait(_ text: String, now nanoseconds: UInt64) -> Duration? {
        let text = text[...].trimmingSpace
        if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            // What does not fit is far beyond every limit.
            return .seconds(Int64(text) ?? Int64(Int32.max))
        }
        guard let time = WallClock.seconds(httpDate: text) else { return nil }
        return .seconds(max(0, time - Int64(nanoseconds / 1_000_000_000)))
    }

    /// Returns the number of spans that `{"partialSuccess":{"rejectedSpans":"3"}}` names, in quotes or without; 0 for
    /// anything else.
    ///
    /// The name stands in no other place of such an answer: within a string its quotation marks would be escaped.
    private static func rejected(in body: [UInt8]) -> Int {
        let text = String(decoding: body, as: UTF8.self)
        guard let match = text.firstMatch(of: #/"rejectedSpans"\s*:\s*(?:"([0-9]+)"|([0-9]+))/#) else { return 0 }
        return (match.1 ?? match.2).flatMap { Int($0) } ?? 0
    }
}
