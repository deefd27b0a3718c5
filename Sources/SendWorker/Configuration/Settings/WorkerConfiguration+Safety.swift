extension WorkerConfiguration {
    /// When the worker stops calling because too many accounts cannot send.
    package struct Safety: Sendable, Hashable {
        package var enabled = true
        /// The share of active accounts that have to fail.
        package var threshold = 0.5
        /// For how long a call's end counts.
        package var window = Duration.seconds(60)
        /// With fewer active accounts calls never stop.
        package var minimumAccounts = 10

        /// The defaults.
        package init() {}
    }
}
