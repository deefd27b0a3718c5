package import InstagramMessaging

/// What the call log amounts to. Exact over the calls the log still holds: look at ``forgottenCalls``.
package struct SimulatorSummary: Sendable, Hashable {
    /// A message that was accepted more than once: same account, recipient and body. Two requests whose bodies are
    /// equal look the same, so give each request a text of its own.
    package struct Duplicate: Sendable, Hashable {
        package var accountID: String
        package var recipient: String
        package var bodyDigest: UInt128
        package var marker: String?
        /// How often it was accepted, at least 2.
        package var times: Int
    }

    /// The densest window of one account and class.
    package struct Rate: Sendable, Hashable {
        package var accountID: String
        package var rateClass: RateClass
        package var calls: Int
        /// The most calls that arrived in any second (from any moment, the second's end not included).
        package var mostPerSecond: Int
        /// The most calls that arrived in any hour.
        package var mostPerHour: Int
        /// How many of them were over the simulator's own limit.
        package var throttled: Int
    }

    /// Calls in the log.
    package var calls: Int
    /// Calls the log no longer holds; where this is above 0 the rest of the summary speaks of the newest calls only.
    package var forgottenCalls: UInt64
    /// Messages accepted, sender actions not included.
    package var acceptedMessages: Int
    /// Sender actions accepted.
    package var acceptedSenderActions: Int
    /// Messages accepted beyond the first time: 0 means nobody got anything twice.
    package var duplicateMessages: Int
    /// The messages that were accepted more than once, at most 1,000 of them.
    package var duplicates: [Duplicate]
    /// Sender actions accepted beyond the first time. They are idempotent: nobody sees a difference.
    package var repeatedSenderActions: Int
    /// Calls that arrived when their account had made too many, whatever was answered.
    package var throttledByLimit: Int
    /// Calls by answer: an HTTP status, or `closed`.
    package var answers: [String: Int]
    /// Calls by error code and subcode answered, such as `613` or `190/460`.
    package var errors: [String: Int]
    /// Calls by the fault that decided about them.
    package var faults: [String: Int]
    /// One entry per account and class, sorted by account.
    package var rates: [Rate]
}

/// What one conversation has accepted, in order.
package struct ConversationLog: Sendable, Hashable {
    package var accountID: String
    package var recipient: String
    /// Accepted calls in the order they were accepted, sender actions included.
    package var accepted: [CallRecord]
}
