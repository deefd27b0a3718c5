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
        case trouble
    }

    /// No call before this moment: Graph named it, or usage is high.
    private(set) var coolUntil = Int64.min
    /// The slowing of the account by throttles.
    var pace = ThrottlePace()
    private(set) var holdUntil = Int64.min
    private(set) var hold = Hold.policy
    private(set) var isParked = false
    /// One call at a time until one shows that the account works again.
    private(set) var isProbing = false
    /// Graph's errors when it closed the gate. Few accounts have one, so it takes no room in the others.
    private var causes: [Cause: SendError] = [:]
    private(set) var holds = 0
    /// Features that are held or were; none in most accounts.
    private(set) var features: [MessageFeature: FeatureHold] = [:]
    /// The time that holds, dead tokens and waits that Graph named have lasted.
    private(set) var stopped = StoppedTime()
    /// The time that holds and dead tokens have lasted.
    private(set) var held = StoppedTime()
    private(set) var trouble = AnsweredTrouble()
    private var suspicion = Suspicion()
    private var steps = 0
    /// From when the pace has been recovering.
    private(set) var recoversFrom = Int64.min
    /// Calls started before the last measure of the same kind do not make it harsher: they had not felt it.
    private var lastHold = Int64.min
    private var parkedAt = Int64.min
    /// Answers to calls from before this moment do not show that the account works again.
    private var provesFrom = Int64.min

    func gate(at now: Int64) -> GateAnswer {
        if isParked { return .later(.tokenDead) }
        let cooling = max(coolUntil, pace.waitUntil)
        if holdUntil > now, holdUntil >= cooling {
            return .at(holdUntil, hold == .policy ? .held : .stopped)
        }
        if cooling > now { return .at(cooling, .cooling) }
        return trouble.isProbing && trouble.probeAt > now ? .at(trouble.probeAt, .answersUnknown) : .now
    }

    /// Returns what stands in the way of calls of one feature alone.
    func gate(of feature: MessageFeature, at now: Int64) -> GateAnswer {
        guard !features.isEmpty, let hold = features[feature], hold.until > now else { return .now }
        return .at(hold.until, .featureHeld(feature))
    }

    /// Whether calls of a feature go out one at a time.
    func isProbing(_ feature: MessageFeature) -> Bool { !features.isEmpty && features[feature]?.isProbing ?? false }

    /// Whether calls of the account go out one at a time.
    var callsOneByOne: Bool { isProbing || trouble.isProbing }

    /// Returns what Graph said when it closed the gate, or last opened it for a single call.
    func cause(at now: Int64) -> SendError? {
        switch gate(at: now) {
        case .later: causes[.token]
        case .at(_, .cooling): causes[.cooling]
        case .at(_, .answersUnknown): causes[.trouble]
        case .at: causes[.hold]
        case .now: isProbing ? causes[.hold] ?? causes[.token] : trouble.isProbing ? causes[.trouble] : nil
        }
    }

    /// Graph's error when it held the account, as long as the hold may go on.
    var holdCause: SendError? { holds > 0 ? causes[.hold] : nil }
    var coolCause: SendError? { causes[.cooling] }

    /// Returns how often the pace is halved at the moment.
    func paceSteps(at now: Int64, _ settings: EngineSettings.HealthSettings) -> Int {
        guard steps > 0, now > recoversFrom else { return steps }
        let recovered = now.saturatingSubtract(recoversFrom) / max(settings.paceRecovery.nanoseconds, 1)
        return max(steps - Int(min(recovered, Int64(steps))), 0)
    }

    /// A throttle; `named` is the end of the wait that Graph asked for.
    ///
    /// - Returns: Whether other calls of the account have to wait too.
    mutating func throttled(startedAt: Int64, named: Int64?, error: SendError?, now: Int64) -> Bool {
        causes[.cooling] = error
        guard let named else { return pace.throttled(startedAt: startedAt, now: now) }
        pace.waits(until: named, startedAt: startedAt, now: now)
        cool(untilNamed: named, now: now)
        return true
    }

    private mutating func cool(untilNamed end: Int64, now: Int64) {
        coolUntil = max(coolUntil, end)
        stopped.stop(until: end, now: now)
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
        let minutes = Int64(max(report.regainMinutes ?? 0, 0)).saturatingMultiply(60_000_000_000)
        let regain = min(minutes, settings.longestNamedWait.nanoseconds)
        if max(coolUntil, pace.waitUntil) <= now { causes[.cooling] = nil }
        if regain > 0 {
            if causes[.cooling] == nil { causes[.cooling] = Self.usageCause(report) }
            cool(untilNamed: now.saturatingAdd(regain), now: now)
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
        first: Duration? = nil,
        _ settings: EngineSettings.HealthSettings
    ) {
        causes[.hold] = error
        if startedAt >= lastHold {
            holds += 1
            hold = kind
            holdUntil = now.saturatingAdd((first ?? settings.hold).doubled(holds, upTo: settings.maxHold))
            lastHold = now.saturatingAdd(1)
        }
        provesFrom = max(provesFrom, lastHold)
        holdUntil = max(holdUntil, floor)
        stopped.stop(until: holdUntil, now: now)
        held.stop(until: holdUntil, now: now)
        isProbing = true
    }

    /// A refusal that may concern the whole account: three in a row, to different people, hold it, and so does one more
    /// after a hold.
    ///
    /// - Returns: Whether the account is held from now on because of it.
    mutating func suspected(
        _ person: String,
        startedAt: Int64,
        error: SendError?,
        now: Int64,
        _ settings: EngineSettings.HealthSettings
    ) -> Bool {
        guard startedAt >= lastHold else { return false }
        guard isProbing && holds > 0 || suspicion.isConfirmed(by: person, at: now) else { return false }
        suspicion = Suspicion()
        held(
            .permission,
            startedAt: startedAt,
            floor: .min,
            error: error,
            now: now,
            first: settings.suspicionHold,
            settings
        )
        return true
    }

    /// The same for one feature.
    mutating func suspected(
        _ feature: MessageFeature,
        _ person: String,
        startedAt: Int64,
        error: SendError?,
        now: Int64,
        _ settings: EngineSettings.HealthSettings
    ) -> Bool {
        features[feature, default: FeatureHold()].refused(
            person,
            startedAt: startedAt,
            error: error,
            now: now,
            settings
        )
    }

    /// Graph answered a call of a feature, and not with what holds it.
    ///
    /// - Returns: Whether a hold of the feature is over because of it.
    mutating func answered(_ feature: MessageFeature, delivered: Bool, startedAt: Int64, now: Int64) -> Bool {
        guard !features.isEmpty else { return false }
        return features[feature]?.answered(delivered: delivered, startedAt: startedAt, now: now) ?? false
    }

    /// Graph answered a call without saying what became of it.
    mutating func answeredUnknown(error: SendError?, now: Int64, _ settings: EngineSettings.HealthSettings) {
        causes[.trouble] = error
        trouble.unknown(now: now, settings)
    }

    /// The endpoint was in trouble, not the account alone.
    mutating func endTrouble() { trouble.end() }

    mutating func park(error: SendError?, now: Int64) {
        causes[.token] = error
        if !isParked { parkedAt = now }
        isParked = true
        provesFrom = now.saturatingAdd(1)
        stopped.stop(now: now)
        held.stop(now: now)
    }

    /// The token has changed: one call shows whether the new one works.
    mutating func unpark(now: Int64) {
        isParked = false
        goOn(now: now)
        isProbing = true
        provesFrom = now
        causes[.hold] = nil
    }

    /// The clocks run again, but for what is left of other waits.
    private mutating func goOn(now: Int64) {
        stopped.goOn(now: now)
        held.goOn(now: now)
        if holdUntil > now { held.stop(until: holdUntil, now: now) }
        stopped.stop(until: max(holdUntil, coolUntil), now: now)
    }

    /// Returns how long a feature has been held.
    func heldTime(of feature: MessageFeature, at now: Int64) -> Int64 {
        features.isEmpty ? 0 : features[feature]?.held.value(at: now) ?? 0
    }

    /// Returns how much longer a feature is held, as far as is known.
    func remainingHold(of feature: MessageFeature, at now: Int64) -> Int64 {
        features.isEmpty ? 0 : features[feature]?.held.remaining(at: now) ?? 0
    }

    /// Which holds and dead tokens keep the account, or a feature of it, from calling.
    func holding(at now: Int64) -> Holding {
        var holding = Holding()
        if isParked { holding.insert(.token) }
        if holdUntil > now { holding.insert(.account) }
        if !features.isEmpty {
            for (place, feature) in MessageFeature.allCases.enumerated() where features[feature]?.until ?? .min > now {
                holding.insert(Holding(rawValue: Holding.firstFeature << UInt8(place)))
            }
        }
        return holding
    }

    /// A number that changes with the moments before which the account, or a feature of it, makes no call.
    func openings(at now: Int64) -> UInt64 {
        var openings: UInt64 = 0
        if case .at(let end, _) = gate(at: now) { openings = UInt64(bitPattern: end) }
        if !features.isEmpty {
            for feature in MessageFeature.allCases {
                let end = features[feature].map { $0.until > now ? $0.until : 0 } ?? 0
                openings = openings &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(bitPattern: end)
            }
        }
        return openings
    }

    /// Whether the account may not call now because of a call that ended since a moment.
    func wasGivenUp(since start: Int64, at now: Int64) -> Bool {
        isParked ? parkedAt >= start : holdUntil > now && lastHold > start
    }

    /// Lets one call show whether what it was given up for is over.
    mutating func tryAgain(now: Int64) {
        holdUntil = .min
        if isParked {
            unpark(now: now)
        } else {
            holds = max(holds - 1, 0)
            goOn(now: now)
        }
        isProbing = true
        provesFrom = now
    }

    /// Graph dealt with a call of the account.
    mutating func answered(delivered: Bool, startedAt: Int64) {
        trouble.end()
        if delivered { suspicion = Suspicion() }
        // What started before a hold, or with an older token, says nothing of how things are since.
        guard startedAt >= provesFrom, !isParked else { return }
        isProbing = false
        if delivered { holds = 0 }
    }

    /// From when on nothing about the account's health needs to be remembered.
    func forgettable(_ settings: EngineSettings.HealthSettings) -> Int64 {
        let memory = max(settings.maxHold.nanoseconds, 0)
        var moment = max(coolUntil, holdUntil, pace.forgettable, trouble.probeAt)
        // Who is seldom called is answered three times in a row over hours.
        if trouble.hasBegun { moment = max(moment, trouble.lastAt.saturatingAdd(memory)) }
        if let end = suspicion.lasts(memory) { moment = max(moment, end) }
        for feature in features.values {
            if feature.count > 0 { moment = max(moment, feature.until.saturatingAdd(memory)) }
            if let end = feature.suspicion.lasts(memory) { moment = max(moment, end) }
        }
        if holds > 0 { moment = max(moment, holdUntil.saturatingAdd(memory)) }
        if isParked { moment = max(moment, parkedAt.saturatingAdd(memory)) }
        if steps > 0 {
            let recovery = settings.paceRecovery.nanoseconds.saturatingMultiply(Int64(steps))
            moment = max(moment, recoversFrom.saturatingAdd(recovery))
        }
        return moment
    }

    /// Takes over what an earlier owner found out; what is known already is only made stricter.
    mutating func restore(_ past: PastHealth, now: Int64) {
        if past.coolUntil > now {
            cool(untilNamed: past.coolUntil, now: now)
            causes[.cooling] = causes[.cooling] ?? past.coolCause
        }
        if past.paceSteps > steps {
            steps = past.paceSteps
            recoversFrom = max(recoversFrom, past.recoversFrom)
        }
        for (feature, hold) in past.features {
            features[feature, default: FeatureHold()].restore(
                until: hold.until,
                count: hold.count,
                cause: hold.cause,
                now: now
            )
        }
        guard past.holds > 0, past.holdUntil > holdUntil || past.holds > holds else { return }
        hold = past.hold
        holdUntil = max(holdUntil, past.holdUntil)
        holds = max(holds, past.holds)
        isProbing = true
        provesFrom = max(provesFrom, now)
        stopped.stop(until: holdUntil, now: now)
        held.stop(until: holdUntil, now: now)
        causes[.hold] =
            past.holdCause
            ?? SendError(
                category: hold == .policy ? .policy : .permission,
                message: "An earlier owner of the partition found that the platform does not take the account's calls."
            )
    }

    private static func usageCause(_ report: UsageReport) -> SendError {
        let minutes = report.regainMinutes ?? 0
        return SendError(
            category: .throttled,
            message: "Graph asks for \(minutes) minutes without calls (usage \(report.highestPercent) %)."
        )
    }
}

/// The obstacles that keep an account, or features of it, from calling.
struct Holding: OptionSet, Sendable {
    let rawValue: UInt8

    static let token = Holding(rawValue: 1)
    static let account = Holding(rawValue: 2)
    /// The first of the features' bits.
    static let firstFeature: UInt8 = 4
}

/// The findings of an earlier owner about an account, with times on this owner's clock.
struct PastHealth: Sendable {
    struct Feature: Sendable {
        var until: Int64
        var count: Int
        var cause: SendError?
    }

    var coolUntil = Int64.min
    var coolCause: SendError?
    var hold = AccountHealth.Hold.policy
    var holdUntil = Int64.min
    var holds = 0
    var holdCause: SendError?
    var paceSteps = 0
    var recoversFrom = Int64.min
    var features: [MessageFeature: Feature] = [:]
}
