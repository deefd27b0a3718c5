extension EngineSettings {
    /// When and how often a call is repeated.
    package struct RetrySettings: Sendable, Hashable {
        /// The longest delay before the first retry; the delay itself is random between nothing and this.
        package var initialDelay: Duration
        /// No delay is drawn from more than this.
        package var maxDelay: Duration
        /// How much the longest delay grows from one retry to the next; at least 1.
        package var multiplier: Double
        /// Calls for one request, at least 1. Throttles, holds, dead tokens and calls that did not get out during an
        /// outage do not use them up; those are bounded by `maxElapsed` alone.
        package var maxAttempts: Int
        /// From the first call to the end of trying, without the time of holds, dead tokens, pauses and waits that Graph
        /// named.
        package var maxElapsed: Duration
        /// How long a request without a deadline waits for holds and dead tokens.
        package var maxHold: Duration
        /// Resends of one `at_least_once` request after unknown outcomes that nobody answered, 0 and up.
        package var unknownResends: Int
        /// Resends of one `at_least_once` request after answers that say nothing, 0 and up: they often follow a delivery.
        package var answeredUnknownResends: Int
        /// Retries of one request whose media Graph could not fetch, 0 and up.
        package var mediaFetchRetries: Int
        /// Retries that each first call pays for: the share of retries in the traffic, beyond `budgetPerSecond`.
        package var budgetShare: Double
        /// Retries per second that are allowed whatever the traffic; more than 0.
        package var budgetPerSecond: Double
        /// Retries that may be started in one go after a quiet time; at least 1.
        package var budgetBurst: Double

        package init(
            initialDelay: Duration = .milliseconds(500),
            maxDelay: Duration = .seconds(60),
            multiplier: Double = 2,
            maxAttempts: Int = 8,
            maxElapsed: Duration = .seconds(15 * 60),
            maxHold: Duration = .seconds(24 * 60 * 60),
            unknownResends: Int = 2,
            answeredUnknownResends: Int = 0,
            mediaFetchRetries: Int = 2,
            budgetShare: Double = 0.2,
            budgetPerSecond: Double = 10,
            budgetBurst: Double = 100
        ) {
            self.initialDelay = initialDelay
            self.maxDelay = maxDelay
            self.multiplier = multiplier
            self.maxAttempts = maxAttempts
            self.maxElapsed = maxElapsed
            self.maxHold = maxHold
            self.unknownResends = unknownResends
            self.answeredUnknownResends = answeredUnknownResends
            self.mediaFetchRetries = mediaFetchRetries
            self.budgetShare = budgetShare
            self.budgetPerSecond = budgetPerSecond
            self.budgetBurst = budgetBurst
        }
    }
}
