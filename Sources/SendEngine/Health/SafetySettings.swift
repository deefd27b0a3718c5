extension EngineSettings {
    /// When so many accounts cannot send that something they share must be the cause, and how it is found out that it
    /// is over.
    package struct SafetySettings: Sendable, Hashable {
        package var isEnabled: Bool
        /// The share of active accounts that have to fail before calls stop; above 0, at most 1.
        package var threshold: Double
        /// For how long a call's end counts.
        package var window: Duration
        /// Calls stop once so many have ended within the window, or half as many accounts have failed and no other was called;
        /// at least 1.
        package var minimumCalls: Int
        /// So many refusals in a row make an account fail that was sent for before, within the window; at least 1.
        package var refusalsInARow: Int
        /// The pause before the first probe and after a good one; doubles with each bad one up to the maximum.
        package var probeDelay: Duration
        package var maxProbeDelay: Duration
        /// Probes in a row that have to be delivered before calls go on; at least 1.
        package var confirmations: Int

        package init(
            isEnabled: Bool = true,
            threshold: Double = 0.5,
            window: Duration = .seconds(60),
            minimumCalls: Int = 20,
            refusalsInARow: Int = 5,
            probeDelay: Duration = .seconds(5),
            maxProbeDelay: Duration = .seconds(60),
            confirmations: Int = 3
        ) {
            self.isEnabled = isEnabled
            self.threshold = threshold
            self.window = window
            self.minimumCalls = minimumCalls
            self.refusalsInARow = refusalsInARow
            self.probeDelay = probeDelay
            self.maxProbeDelay = maxProbeDelay
            self.confirmations = confirmations
        }
    }
}
