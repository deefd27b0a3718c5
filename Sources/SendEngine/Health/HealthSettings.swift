extension EngineSettings {
    /// How the engine reacts to an account, or Graph as a whole, that does not take calls.
    package struct HealthSettings: Sendable, Hashable {
        /// How long a first throttle stops an account; doubles with each further one up to the maximum.
        package var throttleCooldown: Duration
        package var maxThrottleCooldown: Duration
        /// An account's pace is halved at most this often in a row.
        package var maxPaceSteps: Int
        /// How long after the last throttle the pace doubles again, step by step.
        package var paceRecovery: Duration
        /// How long an account stops at more than 95 % usage where Graph names no time.
        package var usageCooldown: Duration
        /// How long a first policy block or missing permission stops an account; doubles up to the maximum.
        package var hold: Duration
        package var maxHold: Duration
        /// Bad outcomes in a row, over all accounts, that make the endpoint count as down.
        package var endpointFailures: Int
        /// The pause before the first probe of an endpoint that is down; doubles up to the maximum.
        package var probeDelay: Duration
        package var maxProbeDelay: Duration

        package init(
            throttleCooldown: Duration = .seconds(5),
            maxThrottleCooldown: Duration = .seconds(15 * 60),
            maxPaceSteps: Int = 5,
            paceRecovery: Duration = .seconds(30),
            usageCooldown: Duration = .seconds(60),
            hold: Duration = .seconds(30 * 60),
            maxHold: Duration = .seconds(4 * 60 * 60),
            endpointFailures: Int = 5,
            probeDelay: Duration = .seconds(1),
            maxProbeDelay: Duration = .seconds(30)
        ) {
            self.throttleCooldown = throttleCooldown
            self.maxThrottleCooldown = maxThrottleCooldown
            self.maxPaceSteps = maxPaceSteps
            self.paceRecovery = paceRecovery
            self.usageCooldown = usageCooldown
            self.hold = hold
            self.maxHold = maxHold
            self.endpointFailures = endpointFailures
            self.probeDelay = probeDelay
            self.maxProbeDelay = maxProbeDelay
        }
    }
}
