internal import InstagramMessaging

/// Whether Graph as a whole takes calls, over all accounts.
///
/// After enough bad outcomes in a row the endpoint counts as down: nothing is called but one probe at a time. Once an
/// answer comes, calls are let through in growing numbers.
struct GraphHealth: Sendable {
    enum Gate: Sendable, Hashable {
        case open
        case until(Int64, WaitingReason)
        /// A call that runs already decides.
        case later(WaitingReason)
    }

    private(set) var isDown = false
    /// Calls that may run at once while the endpoint recovers; nil where only the worker's own maximum counts.
    private(set) var allowance: Int?
    /// No call of any account before this moment: the application was throttled.
    private(set) var coolUntil = Int64.min
    private(set) var coolCause: SendError?
    private var failures = 0
    private var failedAccount: String?
    private var severalAccountsFailed = false
    private var probe: RecordID?
    private var probeAt = Int64.min
    private var probes = 0
    private var throttles = 0
    private var lastThrottle = Int64.min

    /// Whether one more call may start.
    func gate(at now: Int64, running: Int) -> Gate {
        if coolUntil > now { return .until(coolUntil, .applicationCooling) }
        if isDown {
            if probe != nil { return .later(.endpointDown) }
            return probeAt > now ? .until(probeAt, .endpointDown) : .open
        }
        if let allowance, running >= allowance { return .later(.endpointDown) }
        return .open
    }

    /// A call starts, or its place is reserved: while the endpoint is down it is the probe.
    mutating func starting(_ id: RecordID) {
        if isDown, probe == nil { probe = id }
    }

    /// A reserved place is not used after all.
    mutating func givenUp(_ id: RecordID) {
        if probe == id { probe = nil }
    }

    /// - Parameter activeAccounts: Accounts that the engine knows; with a single one its failures alone count.
    mutating func ended(
        _ id: RecordID,
        account: String,
        _ outcome: CallOutcome,
        activeAccounts: Int,
        maxInFlight: Int,
        now: Int64,
        _ settings: EngineSettings.HealthSettings,
        random: inout some RandomNumberGenerator
    ) {
        let wasProbe = probe == id
        if wasProbe { probe = nil }
        guard outcome.wasStarted else { return }
        if !outcome.showsBadEndpoint {
            recover(maxInFlight: maxInFlight, now: now)
        } else if isDown {
            if wasProbe { scheduleProbe(now: now, settings, random: &random) }
        } else {
            fail(account: account)
            let accountsSuffice = severalAccountsFailed || activeAccounts <= 1
            if failures >= max(settings.endpointFailures, 1), accountsSuffice {
                isDown = true
                scheduleProbe(now: now, settings, random: &random)
            }
        }
    }

    /// The whole application was throttled.
    mutating func throttled(
        startedAt: Int64,
        floor: Int64,
        error: SendError?,
        now: Int64,
        _ settings: EngineSettings.HealthSettings
    ) {
        coolCause = error
        if startedAt >= lastThrottle {
            let isNew = now.saturatingSubtract(coolUntil) > settings.paceRecovery.nanoseconds
            throttles = coolUntil == .min || isNew ? 1 : throttles + 1
            let factor = Int64(1) << Int64(min(throttles - 1, 30))
            let cooldown = max(settings.throttleCooldown.nanoseconds, 0).saturatingMultiply(factor)
            let end = max(settings.maxThrottleCooldown.nanoseconds, 0)
            coolUntil = max(coolUntil, now.saturatingAdd(min(cooldown, end)))
            lastThrottle = now.saturatingAdd(1)
        }
        coolUntil = max(coolUntil, floor)
        allowance = 1
    }

    private mutating func fail(account: String) {
        failures += 1
        if let failedAccount, failedAccount != account { severalAccountsFailed = true }
        failedAccount = account
        allowance = allowance.map { max($0 / 2, 1) }
    }

    private mutating func recover(maxInFlight: Int, now: Int64) {
        failures = 0
        failedAccount = nil
        severalAccountsFailed = false
        if isDown {
            isDown = false
            probe = nil
            probes = 0
            allowance = 1
        }
        // Answers to calls from before a throttle say nothing of how many are welcome after it.
        guard coolUntil <= now, let present = allowance else { return }
        let next = present.multipliedReportingOverflow(by: 2)
        allowance = next.overflow || next.partialValue >= maxInFlight ? nil : next.partialValue
    }

    private mutating func scheduleProbe(
        now: Int64,
        _ settings: EngineSettings.HealthSettings,
        random: inout some RandomNumberGenerator
    ) {
        let factor = Int64(1) << Int64(min(probes, 30))
        let end = max(settings.maxProbeDelay.nanoseconds, 0)
        let longest = min(max(settings.probeDelay.nanoseconds, 0).saturatingMultiply(factor), end)
        probeAt = now.saturatingAdd(Int64.random(in: (longest / 2)...longest, using: &random))
        probes += 1
    }
}

extension CallOutcome {
    /// Whether this end says that Graph as a whole, not this request, is in trouble.
    var showsBadEndpoint: Bool {
        guard outcomeClass == .notSent || outcomeClass == .unknown else { return false }
        guard let status = error?.httpStatus else { return true }
        return status >= 500
    }
}
