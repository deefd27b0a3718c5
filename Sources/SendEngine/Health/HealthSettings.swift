extension EngineSettings {
    /// How the engine reacts to an account, or Graph as a whole, that does not take calls.
    package struct HealthSettings: Sendable, Hashable {
        /// An account's pace is halved at most this often in a row because of high usage.
        package var maxPaceSteps: Int
        /// How long after the last report of high usage the pace doubles again, step by step.
        package var paceRecovery: Duration
        /// How long an account, or the application, stops at more than 95 % usage where Graph names no time.
        package var usageCooldown: Duration
        /// Waits that Graph names are believed up to this.
        package var longestNamedWait: Duration
        /// How long a first policy block or missing permission stops an account; doubles up to the maximum.
        package var hold: Duration
        /// How long a feature, or an account, is held first because of answers that say so only by repeating themselves.
        package var suspicionHold: Duration
        package var maxHold: Duration
        /// So many of the last calls show whether the endpoint is down; at least 1.
        package var endpointCalls: Int
        /// The pause before the first probe of an endpoint that is down; doubles up to the maximum.
        package var probeDelay: Duration
        package var maxProbeDelay: Duration

        package init(
            maxPaceSteps: Int = 5,
            paceRecovery: Duration = .seconds(30),
            usageCooldown: Duration = .seconds(60),
            longestNamedWait: Duration = .seconds(24 * 60 * 60),
            hold: Duration = .seconds(30 * 60),
            suspicionHold: Duration = .seconds(10 * 60),
            maxHold: Duration = .seconds(24 * 60 * 60),
            endpointCalls: Int = 20,
            probeDelay: Duration = .seconds(1),
            maxProbeDelay: Duration = .seconds(30)
        ) {
            self.maxPaceSteps = maxPaceSteps
            self.paceRecovery = paceRecovery
            self.usageCooldown = usageCooldown
            self.longestNamedWait = longestNamedWait
            self.hold = hold
            self.suspicionHold = suspicionHold
            self.maxHold = maxHold
            self.endpointCalls = endpointCalls
            self.probeDelay = probeDelay
            self.maxProbeDelay = maxProbeDelay
        }
    }
}
