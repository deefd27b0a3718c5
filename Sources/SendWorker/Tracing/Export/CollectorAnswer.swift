/// What came of sending spans to the collector.
enum CollectorAnswer: Sendable, Hashable {
    /// It took them, but for so many that it says it rejected.
    case accepted(rejected: Int)
    /// It will never take them.
    case refused(String)
    /// It may take them later.
    case unavailable(String, retryAfter: Duration?)
}
