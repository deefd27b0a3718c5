extension WorkerConfiguration {
    /// When the worker stops calling because too many accounts cannot send.
    package struct Safety: Sendable, Hashable {
        package var enabled = true
        /// The share of active accounts that have to fail; with a single one, of its last calls.
        package var threshold = 0.5
        /// For how long a call's end counts.
        package var window = Duration.seconds(60)
        /// Calls never stop before so many have ended within the window.
        package var minimumCalls = 20

        /// The defaults.
        package init() {}
    }
}
