import Containers
internal import InstagramMessaging

/// Stops all calls when so many accounts fail for good that the cause must be one that they share: the application was
/// deactivated, a permission revoked, the version of the API retired, the wrong tokens deployed. Otherwise the whole topic
/// would end as dead letters.
///
/// An account's trouble stays its own: of several at least two have to fail, and with fewer than ten active ones, two of
/// which are such a share already, as large a share of the last calls too. With a single account its last calls are judged.
///
/// Calls begin slowly: after a start and after a takeover only a few run at once until one is delivered.
///
/// While it is shut one call at a time is let through, at growing delays. Once several of them in a row were delivered,
/// for different accounts where there are several, calls go on in growing numbers.
struct SafetyValve: Sendable {
    /// The cause of its shutting.
    struct Cause: Sendable {
        /// On the monotonic clock.
        var since: Int64
        var sinceWall: Timestamp
        var failing: Int
        var active: Int
        var error: SendError?
        /// Accounts that failed with that error.
        var accounts: Int
    }

    /// Whether a call's end has changed anything.
    enum Change: Sendable, Hashable {
        case shut
        case opened
    }

    /// So many accounts that were tried are remembered.
    private static let mostTried = 16

    /// From so many active accounts on a share of them is more than one account's or another's own trouble.
    private static let manyAccounts = 10

    let settings: EngineSettings.SafetySettings
    private(set) var endings: AccountEndings
    /// Nil while calls are made.
    private(set) var cause: Cause?
    /// Calls that may run at once after a pause; nil where only the worker's own maximum counts.
    private(set) var allowance: Int?
    /// Something was delivered since calls began slowly.
    private var hasDelivered = false
    /// Probes that were delivered since an account failed; fewer than `confirmations`.
    private(set) var confirmed = 0
    /// Accounts whose probes had an end of their own since the last one that says more: others come first.
    private(set) var triedBy: [String] = []
    /// The number of times that it has shut, since the start.
    private(set) var pauses = 0
    private(set) var probe: RecordID?
    private var probeAt = Int64.min
    private var searchAt = Int64.min
    /// Bad probes since it shut, or since a good one.
    private var badProbes = 0
    private var recent: RecentCalls
    private let firstCalls: Int?
    /// The time that it has been shut.
    private(set) var stopped = StoppedTime()

    /// - Parameter firstCalls: Calls that may run at once until one is delivered; nil for as many as may run anyway.
    init(_ settings: EngineSettings.SafetySettings, firstCalls: Int?) {
        self.settings = settings
        self.firstCalls = settings.isEnabled ? firstCalls.map { max($0, 1) } : nil
        allowance = self.firstCalls
        recent = RecentCalls(count: max(settings.minimumCalls, 1), window: max(settings.window.nanoseconds, 1))
        endings = AccountEndings(window: settings.window, refusalsInARow: settings.refusalsInARow)
    }

    var isShut: Bool { cause != nil }

    /// Accounts that were given up since then may have been so because of what they share; nil while calls are made.
    var troubleSince: Int64? { cause.map { $0.since.saturatingSubtract(endings.window) } }

    /// The moment at which an account is needed for the next probe; nil while none is.
    var searchDue: Int64? { isShut && probe == nil ? max(probeAt, searchAt) : nil }

    /// Partitions were taken over: only a few calls run at once until one is delivered.
    mutating func beginSlowly() {
        guard let firstCalls else { return }
        hasDelivered = false
        allowance = min(allowance ?? .max, firstCalls)
    }

    /// Whether one more call may start.
    func gate(at now: Int64, running: Int) -> GateAnswer {
        if isShut {
            if probe != nil { return .later(.safetyValve) }
            return probeAt > now ? .at(probeAt, .safetyValve) : .now
        }
        if let allowance, running >= allowance { return .later(.startingSlowly) }
        return .now
    }

    /// A call starts, or its place is reserved: while the valve is shut it is the probe.
    mutating func starting(_ id: RecordID) {
        if isShut, probe == nil { probe = id }
    }

    /// A reserved place is not used after all.
    mutating func givenUp(_ id: RecordID) {
        if probe == id { probe = nil }
    }

    /// An account was looked for; not again before a while.
    mutating func searched(at now: Int64) { searchAt = now.saturatingAdd(firstDelay) }

    /// Something has changed that may have been the cause: the next probe need not wait for long.
    mutating func hope(at now: Int64) {
        guard isShut else { return }
        badProbes = 0
        probeAt = min(probeAt, now.saturatingAdd(firstDelay))
    }

    mutating func ended(
        _ id: RecordID,
        account: String,
        person: String,
        _ verdict: AccountEndings.Verdict,
        error: SendError?,
        maxInFlight: Int,
        now: EngineTime
    ) -> Change? {
        guard settings.isEnabled else { return nil }
        guard !isShut else { return probeEnded(id, account: account, verdict, at: now.monotonic) }
        endings.note(verdict, of: account, person: person, error: error, at: now.monotonic)
        recent.note(verdict, of: account, person: person, error: error, at: now.monotonic)
        changeAllowance(after: verdict, maxInFlight: maxInFlight)
        switch verdict {
        case .works, .says: return nil
        case .fails, .refused: break
        }
        guard canJudge(at: now.monotonic), mostFail || areAllRefusedAlike else { return nil }
        shut(at: now)
        return .shut
    }

    /// Whether enough calls have ended; half as many do where each was of another account that fails, and no other is
    /// called: they may make no more.
    private func canJudge(at now: Int64) -> Bool {
        if recent.isFull(at: now) { return true }
        let fewest = max(settings.minimumCalls / 2, Self.manyAccounts)
        return endings.active >= fewest && endings.failing == endings.active
    }

    /// Whether what was called lately was refused with one code, whosever it was: of one account among others it is its own.
    private var areAllRefusedAlike: Bool {
        recent.areAllRefusedAlike && recent.accounts >= min(Self.manyAccounts, endings.active)
    }

    /// Whether enough of the active accounts fail; of few accounts, enough of the last calls too.
    private var mostFail: Bool {
        guard endings.failing > 0, Double(endings.failing) >= settings.threshold * Double(endings.active) else {
            return false
        }
        guard endings.failing > 1 || endings.active == 1 else { return false }
        return endings.active >= Self.manyAccounts || recent.failingShare >= settings.threshold
    }

    /// On command: calls go on, and what was counted is forgotten.
    mutating func open(now: Int64) {
        endings.forgetAll()
        recent.forgetAll()
        stopped.goOn(now: now)
        confirmed = 0
        triedBy = []
        badProbes = 0
        guard isShut else { return }
        cause = nil
        probe = nil
        hasDelivered = false
        allowance = 1
    }

    mutating func expire(at now: Int64) {
        if !isShut { endings.expire(at: now) }
    }

    private mutating func shut(at now: EngineTime) {
        let alike = areAllRefusedAlike ? recent.refusal : nil
        let main = alike ?? endings.mostFrequentCause()
        cause = Cause(
            since: now.monotonic,
            sinceWall: now.wall,
            failing: max(endings.failing, alike?.accounts ?? 0),
            active: endings.active,
            error: main?.error,
            accounts: main?.accounts ?? 0
        )
        pauses += 1
        stopped.stop(now: now.monotonic)
        probe = nil
        badProbes = 0
        confirmed = 0
        triedBy = []
        searchAt = .min
        probeAt = now.monotonic.saturatingAdd(firstDelay)
    }

    private mutating func probeEnded(
        _ id: RecordID,
        account: String,
        _ verdict: AccountEndings.Verdict,
        at now: Int64
    ) -> Change? {
        // Calls from before it shut say nothing of how things are since.
        guard probe == id else { return nil }
        probe = nil
        switch verdict {
        case .works:
            badProbes = 0
            confirmed += 1
            triedBy.append(account)
            if confirmed >= max(settings.confirmations, 1) {
                open(now: now)
                return .opened
            }
        case .fails:
            badProbes += 1
            confirmed = 0
            triedBy = []
        case .refused:
            // While others are delivered it is the message's own, or its account's.
            badProbes += 1
            if triedBy.count >= Self.mostTried { triedBy.removeFirst() }
            triedBy.append(account)
        case .says: break
        }
        let factor = Int64(1) << Int64(min(badProbes, 30))
        let longest = max(settings.maxProbeDelay.nanoseconds, firstDelay)
        probeAt = now.saturatingAdd(min(firstDelay.saturatingMultiply(factor), longest))
        return nil
    }

    private mutating func changeAllowance(after verdict: AccountEndings.Verdict, maxInFlight: Int) {
        guard let present = allowance else { return }
        switch verdict {
        case .works:
            hasDelivered = true
            allowance = present >= maxInFlight / 2 ? nil : present * 2
        case .fails: allowance = max(present / 2, 1)
        // Where others are delivered it is the message's own.
        case .refused: if !hasDelivered { allowance = max(present / 2, 1) }
        case .says: break
        }
    }

    /// Never nothing, so that looking for an account is not all that the engine does.
    private var firstDelay: Int64 { max(settings.probeDelay.nanoseconds, 1_000_000) }
}
