internal import InstagramMessaging

/// Whether Graph as a whole takes calls, over all accounts.
///
/// After enough bad outcomes among the last ones the endpoint counts as down: nothing is called but one probe at a time.
/// Once an answer comes, calls are let through in growing numbers.
struct GraphHealth: Sendable {
    /// A change for all accounts that a call's end has made.
    enum Change: Sendable, Hashable {
        case down
        case up
    }

    private struct End: Sendable {
        var account: String
        var at: Int64
        var isBad: Bool
    }

    /// Fewer bad ends than these say nothing.
    private static let fewestBad = 5

    /// An account counts among those that are called for so long.
    private static let minute: Int64 = 60_000_000_000

    private(set) var isDown = false
    /// Calls that may run at once while the endpoint recovers; nil where only the worker's own maximum counts.
    private(set) var allowance: Int?
    /// The slowing of the application by throttles.
    private(set) var pace = ThrottlePace()
    /// No call of any account before this moment: Graph named it.
    private(set) var namedUntil = Int64.min
    private(set) var coolCause: SendError?
    /// The time that waits that Graph named have lasted.
    private(set) var stopped = StoppedTime()
    /// The last calls' ends, the latest last.
    private var recent: [End] = []
    private var lastCalled: (account: String, at: Int64)?
    /// The last call of any other account than that.
    private var otherCalledAt = Int64.min
    private var probe: RecordID?
    private var probeAt = Int64.min
    private var probes = 0

    /// No call of any account before this moment: the application was throttled.
    var coolUntil: Int64 { max(namedUntil, pace.waitUntil) }

    /// Whether one more call may start.
    func gate(at now: Int64, running: Int) -> GateAnswer {
        if coolUntil > now { return .at(coolUntil, .applicationCooling) }
        if isDown {
            if probe != nil { return .later(.endpointDown) }
            return probeAt > now ? .at(probeAt, .endpointDown) : .now
        }
        if let allowance, running >= allowance { return .later(.endpointDown) }
        return .now
    }

    /// A call starts, or its place is reserved: while the endpoint is down it is the probe.
    mutating func starting(_ id: RecordID) {
        if isDown, probe == nil { probe = id }
    }

    /// A reserved place is not used after all.
    mutating func givenUp(_ id: RecordID) {
        if probe == id { probe = nil }
    }

    /// A call of an account takes its turn.
    mutating func takesTurn(_ account: String, at now: Int64) {
        pace.started(at: now)
        if let lastCalled, lastCalled.account != account { otherCalledAt = max(otherCalledAt, lastCalled.at) }
        lastCalled = (account, now)
    }

    /// - Parameter isOwnTrouble: The end says more of the account than of the endpoint.
    mutating func ended(
        _ id: RecordID,
        account: String,
        _ outcome: CallOutcome,
        startedAt: Int64,
        isOwnTrouble: Bool,
        maxInFlight: Int,
        now: Int64,
        _ settings: EngineSettings.HealthSettings,
        random: inout some RandomNumberGenerator
    ) -> Change? {
        let wasProbe = probe == id
        if wasProbe { probe = nil }
        guard outcome.wasStarted else { return nil }
        if outcome.outcomeClass == .delivered { pace.delivered(startedAt: startedAt, now: now) }
        guard outcome.showsBadEndpoint else { return recover(account, maxInFlight: maxInFlight, now: now, settings) }
        if isDown {
            if wasProbe { scheduleProbe(now: now, settings, random: &random) }
        } else if !isOwnTrouble {
            note(account, isBad: true, now: now, settings)
            allowance = allowance.map { max($0 / 2, 1) }
            if isBadEnough(now: now, settings) {
                isDown = true
                scheduleProbe(now: now, settings, random: &random)
                return .down
            }
        }
        return nil
    }

    /// The whole application was throttled; `named` is the end of the wait that Graph asked for.
    ///
    /// - Returns: Whether calls of all accounts have to wait.
    mutating func throttled(startedAt: Int64, named: Int64?, error: SendError?, now: Int64) -> Bool {
        coolCause = error
        guard let named else { return pace.throttled(startedAt: startedAt, now: now) }
        pace.waits(until: named, startedAt: startedAt, now: now)
        wait(untilNamed: named, error: error, now: now)
        return true
    }

    /// The application has used up its allowance, or nearly: what is called now lengthens the throttle to come.
    mutating func used(_ report: UsageReport, now: Int64, _ settings: EngineSettings.HealthSettings) {
        guard report.highestPercent > 95, coolUntil <= now else { return }
        let error = SendError(
            category: .throttled,
            message: "The application has used \(report.highestPercent) % of its allowance."
        )
        wait(untilNamed: now.saturatingAdd(settings.usageCooldown.nanoseconds), error: error, now: now)
    }

    /// Graph named a time for the whole application, to this owner or an earlier one.
    mutating func wait(untilNamed end: Int64, error: SendError?, now: Int64) {
        guard end > now else { return }
        if end > namedUntil { coolCause = error ?? coolCause }
        namedUntil = max(namedUntil, end)
        stopped.stop(until: end, now: now)
    }

    private mutating func note(
        _ account: String,
        isBad: Bool,
        now: Int64,
        _ settings: EngineSettings.HealthSettings
    ) {
        if recent.count >= max(settings.endpointCalls, 1) { recent.removeFirst() }
        recent.append(End(account: account, at: now, isBad: isBad))
    }

    /// More than half of the last calls of this minute ended badly, and not of one account among several. Where little is
    /// called a few suffice: what one request tries again and again within a minute of outage must not use it up.
    private func isBadEnough(now: Int64, _ settings: EngineSettings.HealthSettings) -> Bool {
        let ends = recent.filter { $0.at > now.saturatingSubtract(Self.minute) }
        let bad = ends.filter(\.isBad)
        guard bad.count >= min(Self.fewestBad, max(settings.endpointCalls, 1)), bad.count * 2 > ends.count else {
            return false
        }
        return bad.contains { $0.account != bad[0].account } || otherCalledAt <= now.saturatingSubtract(Self.minute)
    }

    private mutating func recover(
        _ account: String,
        maxInFlight: Int,
        now: Int64,
        _ settings: EngineSettings.HealthSettings
    ) -> Change? {
        let wasDown = isDown
        if isDown {
            isDown = false
            probe = nil
            probes = 0
            allowance = 1
            recent = []
        }
        note(account, isBad: false, now: now, settings)
        if let present = allowance {
            let next = present.multipliedReportingOverflow(by: 2)
            allowance = next.overflow || next.partialValue >= maxInFlight ? nil : next.partialValue
        }
        return wasDown ? .up : nil
    }

    private mutating func scheduleProbe(
        now: Int64,
        _ settings: EngineSettings.HealthSettings,
        random: inout some RandomNumberGenerator
    ) {
        probes += 1
        let longest = settings.probeDelay.doubled(probes, upTo: settings.maxProbeDelay)
        probeAt = now.saturatingAdd(Int64.random(in: (longest - longest / 4)...longest, using: &random))
    }
}

extension CallOutcome {
    /// Whether this end says that Graph as a whole, not this request, may be in trouble.
    var showsBadEndpoint: Bool { outcomeClass == .notSent || outcomeClass == .unknown }
}

/// The ends of the last calls of all accounts, as far as they say something of an account or a message.
struct RecentCalls: Sendable {
    private struct End: Sendable {
        var account: String
        var person: String
        var at: Int64
        var fails: Bool
        /// Why one message was refused.
        var refusal: SendError?
    }

    private let count: Int
    private let window: Int64
    /// The latest last.
    private var ends: [End] = []

    init(count: Int, window: Int64) {
        self.count = count
        self.window = window
    }

    mutating func note(
        _ verdict: AccountEndings.Verdict,
        of account: String,
        person: String,
        error: SendError?,
        at now: Int64
    ) {
        var end = End(account: account, person: person, at: now, fails: true)
        switch verdict {
        case .says(isAnswer: false): return
        case .works, .says(isAnswer: true): end.fails = false
        case .fails: break
        case .refused: end.refusal = error
        }
        if ends.count >= count { ends.removeFirst() }
        ends.append(end)
    }

    mutating func forgetAll() { ends = [] }

    /// Whether so many calls have ended within the window that they can be judged.
    func isFull(at now: Int64) -> Bool {
        ends.count >= count && (ends.first.map { $0.at > now.saturatingSubtract(window) } ?? false)
    }

    /// The share of them that failed.
    var failingShare: Double { ends.isEmpty ? 0 : Double(ends.count(where: \.fails)) / Double(ends.count) }

    /// Whether all were refused with the same code, for several people: what the accounts share is wrong then, though none
    /// of them may have been called often enough to show it.
    var areAllRefusedAlike: Bool {
        guard let first = ends.first?.refusal.map(AccountEndings.Cause.init),
            ends.allSatisfy({ $0.refusal.map(AccountEndings.Cause.init) == first })
        else { return false }
        return Set(ends.map { "\($0.account) \($0.person)" }).count >= min(AccountEndings.refusedPeople, ends.count)
    }

    /// The number of accounts that were called.
    var accounts: Int { Set(ends.map(\.account)).count }

    /// The last refusal, and how many accounts were called.
    var refusal: (error: SendError, accounts: Int)? { ends.last?.refusal.map { ($0, accounts) } }
}
