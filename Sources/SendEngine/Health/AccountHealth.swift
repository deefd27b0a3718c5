internal import InstagramMessaging

/// Whether one account may call at all, and how fast: what Graph's answers say about the account as a whole.
struct AccountHealth: Sendable {
    enum Hold: Sendable, Hashable {
        /// Blocked for policy reasons.
        case policy
        /// Without a permission.
        case permission
    }

    private enum Cause: Sendable, Hashable {
        case cooling
        case hold
        case token
    }

    /// What stands in the way of a call.
    enum Gate: Sendable, Hashable {
        case open
        /// Closed until a moment on the monotonic clock.
        case until(Int64, WaitingReason)
        /// Closed until the account's token changes.
        case parked
    }

    private(set) var coolUntil = Int64.min
    private(set) var holdUntil = Int64.min
    private(set) var hold = Hold.policy
    private(set) var isParked = false
    /// One call at a time until one shows that the account works again.
    private(set) var isProbing = false
    /// What Graph said when it closed the gate. Few accounts have one, so it takes no room in the others.
    private var causes: [Cause: SendError] = [:]
    private(set) var holds = 0
    private var throttles = 0
    private var steps = 0
    /// From when the pace has been recovering.
    private(set) var recoversFrom = Int64.min
    /// Calls started before the last measure of the same kind do not make it harsher: they had not felt it.
    private var lastThrottle = Int64.min
    private var lastHold = Int64.min
    private var parkedAt = Int64.min

    func gate(at now: Int64) -> Gate {
        if isParked { return .parked }
        if holdUntil > now, holdUntil >= coolUntil {
            return .until(holdUntil, hold == .policy ? .held : .stopped)
        }
        return coolUntil > now ? .until(coolUntil, .cooling) : .open
    }

    /// What Graph said when it closed the gate, or last opened it for a single call.
    func cause(at now: Int64) -> SendError? {
        switch gate(at: now) {
        case .parked: causes[.token]
        case .until(_, .cooling): causes[.cooling]
        case .until: causes[.hold]
        case .open: isProbing ? causes[.hold] ?? causes[.token] : nil
        }
    }

    /// How often the pace is halved at the moment.
    func paceSteps(at now: Int64, _ settings: EngineSettings.HealthSettings) -> Int {
        guard steps > 0, now > recoversFrom else { return steps }
        let recovered = now.saturatingSubtract(recoversFrom) / max(settings.paceRecovery.nanoseconds, 1)
        return max(steps - Int(min(recovered, Int64(steps))), 0)
    }

    /// A throttle: stop for a growing time, then go on at half the pace.
    mutating func throttled(
        startedAt: Int64,
        floor: Int64,
        error: SendError?,
        now: Int64,
        _ settings: EngineSettings.HealthSettings
    ) {
        causes[.cooling] = error
        if startedAt >= lastThrottle {
            let present = paceSteps(at: now, settings)
            throttles = present == 0 ? 1 : throttles + 1
            steps = min(present + 1, max(settings.maxPaceSteps, 0))
            let cooldown = Self.doubled(settings.throttleCooldown, throttles, settings.maxThrottleCooldown)
            coolUntil = max(coolUntil, now.saturatingAdd(cooldown))
            lastThrottle = now.saturatingAdd(1)
        }
        coolUntil = max(coolUntil, floor)
        recoversFrom = max(recoversFrom, coolUntil)
    }

    /// Usage headers: slow down step by step above 75 %, stop above 95 % or where Graph names a time.
    mutating func used(_ report: UsageReport, now: Int64, _ settings: EngineSettings.HealthSettings) {
        if report.highestPercent > 75 {
            let wanted = min(1 + (min(report.highestPercent, 95) - 76) / 5, max(settings.maxPaceSteps, 0))
            if wanted >= paceSteps(at: now, settings) {
                steps = wanted
                recoversFrom = now
            }
        }
        let regain = Int64(max(report.regainMinutes ?? 0, 0)).saturatingMultiply(60_000_000_000)
        if coolUntil <= now { causes[.cooling] = nil }
        if regain > 0 {
            coolUntil = max(coolUntil, now.saturatingAdd(regain))
        } else if report.highestPercent > 95 {
            coolUntil = max(coolUntil, now.saturatingAdd(settings.usageCooldown.nanoseconds))
        }
        recoversFrom = max(recoversFrom, coolUntil)
    }

    /// A policy block or a missing permission: stop for a time that doubles while it goes on.
    mutating func held(
        _ kind: Hold,
        startedAt: Int64,
        floor: Int64,
        error: SendError?,
        now: Int64,
        _ settings: EngineSettings.HealthSettings
    ) {
        causes[.hold] = error
        if startedAt >= lastHold {
            holds += 1
            hold = kind
            holdUntil = now.saturatingAdd(Self.doubled(settings.hold, holds, settings.maxHold))
            lastHold = now.saturatingAdd(1)
        }
        holdUntil = max(holdUntil, floor)
        isProbing = true
    }

    mutating func park(error: SendError?, now: Int64) {
        causes[.token] = error
        if !isParked { parkedAt = now }
        isParked = true
    }

    /// The token has changed: one call shows whether the new one works.
    mutating func unpark() {
        isParked = false
        isProbing = true
        causes[.hold] = nil
    }

    /// Whether the account may not call now because of a call that ended since a moment.
    func wasGivenUp(since start: Int64, at now: Int64) -> Bool {
        isParked ? parkedAt >= start : holdUntil > now && lastHold > start
    }

    /// What it was given up for may be over: one call shows whether that is so.
    mutating func tryAgain() {
        if isParked {
            unpark()
        } else {
            holds = max(holds - 1, 0)
        }
        holdUntil = .min
        isProbing = true
    }

    /// Graph dealt with a call of the account.
    mutating func answered(delivered: Bool) {
        isProbing = false
        if delivered { holds = 0 }
    }

    /// From when on nothing about the account's health needs to be remembered.
    func forgettable(_ settings: EngineSettings.HealthSettings) -> Int64 {
        let memory = max(settings.maxHold.nanoseconds, 0)
        var moment = max(coolUntil, holdUntil)
        if holds > 0 { moment = max(moment, holdUntil.saturatingAdd(memory)) }
        if isParked { moment = max(moment, parkedAt.saturatingAdd(memory)) }
        if steps > 0 {
            let recovery = settings.paceRecovery.nanoseconds.saturatingMultiply(Int64(steps))
            moment = max(moment, recoversFrom.saturatingAdd(recovery))
        }
        return moment
    }

    /// Takes over what an earlier owner found out; what is known already is only made stricter.
    mutating func restore(
        coolUntil: Int64,
        hold: Hold,
        holdUntil: Int64,
        holds: Int,
        paceSteps: Int,
        recoversFrom: Int64
    ) {
        self.coolUntil = max(self.coolUntil, coolUntil)
        if paceSteps > steps {
            steps = paceSteps
            self.recoversFrom = max(self.recoversFrom, recoversFrom)
        }
        guard holds > 0, holdUntil > self.holdUntil || holds > self.holds else { return }
        self.hold = hold
        self.holdUntil = max(self.holdUntil, holdUntil)
        self.holds = max(self.holds, holds)
        isProbing = true
        causes[.hold] = SendError(
            category: hold == .policy ? .policy : .permission,
            message: "An earlier owner of the partition found that the platform does not take the account's calls."
        )
    }

    private static func doubled(_ first: Duration, _ count: Int, _ end: Duration) -> Int64 {
        let factor = Int64(1) << Int64(min(max(count - 1, 0), 30))
        return min(max(first.nanoseconds, 0).saturatingMultiply(factor), max(end.nanoseconds, 0))
    }
}
