extension WorkerConfiguration {
    /// How many calls may start per account.
    package struct Limits: Sendable, Hashable {
        package var messagesPerSecond = 100
        package var mediaPerSecond = 10
        package var privateRepliesPerHour = 750
        /// What differs for single accounts, by account id.
        package var accounts: [String: Account] = [:]

        /// The defaults.
        package init() {}

        /// The limits of one account that differ from the general ones; nil where they do not.
        package struct Account: Sendable, Hashable {
            package var messagesPerSecond: Int?
            package var mediaPerSecond: Int?
            package var privateRepliesPerHour: Int?

            /// The defaults.
            package init() {}
        }
    }

    /// When and how often a request is tried again.
    package struct Retry: Sendable, Hashable {
        package var initialDelay = Duration.milliseconds(500)
        /// At least `initialDelay`.
        package var maxDelay = Duration.seconds(60)
        package var multiplier = 2.0
        /// Calls for one request, the first one included.
        package var maxAttempts = 8
        /// From the first call, without the time of holds, dead tokens and waits that Graph named.
        package var maxElapsed = Duration.seconds(15 * 60)
        /// For holds and dead tokens, where a request has no deadline.
        package var maxHold = Duration.seconds(24 * 60 * 60)
        /// Resends after unknown outcomes that nobody answered, for `at_least_once` requests.
        package var unknownResends = 2
        /// Resends after answers that say nothing, for `at_least_once` requests.
        package var answeredUnknownResends = 0

        /// The defaults.
        package init() {}
    }
}
