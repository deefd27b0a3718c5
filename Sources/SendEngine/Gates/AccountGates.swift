internal import InstagramMessaging

/// The gates of one account: its limits, its health and the places that its calls take.
struct AccountGates: Sendable {
    let id: String
    var limits: AccountLimits
    /// The limit of each of its conversations.
    let conversationLimit: CallWindow?
    var health = AccountHealth()
    private(set) var inFlight = 0
    /// Places reserved for calls that wait for their mark.
    private(set) var reserved = 0
    /// Calls that run and reserved places, by feature.
    private(set) var features = FeatureCalls()
    var preparing = 0
    /// No call before this moment: a partition of it was just taken over.
    var coldUntil = Int64.min
    /// Calls that may run at once until one is delivered; nil where only the limits count.
    private(set) var allowance: Int?
    /// Until when Graph said, in an answer to the account, that the application has to wait.
    private(set) var namedApplicationWait = Int64.min
    /// Rises with each change of its token.
    var tokenGeneration: UInt32 = 0

    /// Stands in free places.
    static let blank = AccountGates(id: "", EngineSettings())

    init(id: String, _ settings: EngineSettings) {
        self.id = id
        let own = settings.limits(of: id)
        limits = AccountLimits(own, slack: settings.arrivalSlack.nanoseconds)
        conversationLimit = own.perConversation
        allowance = settings.firstCalls.map { max($0, 1) }
    }

    /// Calls that run and places reserved for some.
    var running: Int { inFlight + reserved }

    // MARK: Calls

    mutating func reserve(_ call: Gates.Call) {
        limits.change(call.rateClass) { $0.reserve() }
        reserved += 1
        features[call.feature] += 1
    }

    mutating func giveBack(_ call: Gates.Call) {
        limits.change(call.rateClass) { $0.giveBack() }
        reserved -= 1
        features[call.feature] -= 1
    }

    mutating func start(_ call: Gates.Call, at now: Int64) {
        limits.change(call.rateClass) { $0.start(at: now) }
        inFlight += 1
        features[call.feature] += 1
    }

    mutating func detach(_ call: Gates.Call) {
        inFlight -= 1
        features[call.feature] -= 1
    }

    mutating func noteApplicationWait(until end: Int64) { namedApplicationWait = max(namedApplicationWait, end) }

    // MARK: Answers

    /// Takes from an outcome what it says of the account and of its features.
    mutating func learn(
        _ end: EndedCall,
        _ outcome: CallOutcome,
        now: Int64,
        _ settings: EngineSettings.HealthSettings
    ) -> CallNews {
        var news = CallNews()
        if let usage = outcome.usage {
            health.used(usage, now: now, settings)
            news.isRemembered = usage.highestPercent > 75 || (usage.regainMinutes ?? 0) > 0
        }
        switch outcome.outcomeClass {
        case .notSent, .unknown: break
        case .delivered: learnAnswer(end, delivered: true, now: now, &news)
        case .refused where outcome.needsRepetition: suspect(end, outcome, now: now, settings, &news)
        case .refused, .mediaFetch, .alreadyAnswered: learnAnswer(end, delivered: false, now: now, &news)
        case .throttled, .applicationThrottled:
            health.answered(delivered: false, startedAt: end.startedAt)
            if outcome.scope == .account { learnThrottle(end, outcome, now: now, settings, &news) }
        case .accountHeld: hold(.policy, end, outcome, now: now, settings, &news)
        case .accountStopped: hold(.permission, end, outcome, now: now, settings, &news)
        case .tokenDead where !end.isTokenOutdated:
            health.park(error: outcome.error, now: now)
            news.othersWait = true
        // A token that has changed since the call started says nothing of the present one.
        case .tokenDead: break
        }
        return news
    }

    private mutating func learnAnswer(_ end: EndedCall, delivered: Bool, now: Int64, _ news: inout CallNews) {
        if delivered {
            health.pace.delivered(startedAt: end.startedAt, now: now)
            // An account that can send need not be careful any more.
            allowance = allowance.flatMap { $0 >= 64 ? nil : $0 * 2 }
        }
        health.answered(delivered: delivered, startedAt: end.startedAt)
        let feature = end.call.feature
        let isOver = health.answered(feature, delivered: delivered, startedAt: end.startedAt, now: now)
        news.isRemembered = news.isRemembered || isOver
    }

    /// A refusal that concerns more than its message only if it repeats itself.
    private mutating func suspect(
        _ end: EndedCall,
        _ outcome: CallOutcome,
        now: Int64,
        _ settings: EngineSettings.HealthSettings,
        _ news: inout CallNews
    ) {
        let isHeld: Bool
        if outcome.scope == .account {
            isHeld = health.suspected(
                end.person,
                startedAt: end.startedAt,
                error: outcome.error,
                now: now,
                settings
            )
        } else {
            health.answered(delivered: false, startedAt: end.startedAt)
            isHeld = health.suspected(
                outcome.feature ?? end.call.feature,
                end.person,
                startedAt: end.startedAt,
                error: outcome.error,
                now: now,
                settings
            )
        }
        news.isRemembered = news.isRemembered || isHeld
    }

    private mutating func learnThrottle(
        _ end: EndedCall,
        _ outcome: CallOutcome,
        now: Int64,
        _ settings: EngineSettings.HealthSettings,
        _ news: inout CallNews
    ) {
        let regained = outcome.usage?.regainMinutes ?? 0 > 0 ? health.coolUntil : nil
        news.othersWait = health.throttled(
            startedAt: end.startedAt,
            named: settings.namedEnd(of: outcome, now: now) ?? regained,
            error: outcome.error,
            now: now
        )
        news.isRemembered = true
    }

    private mutating func hold(
        _ kind: AccountHealth.Hold,
        _ end: EndedCall,
        _ outcome: CallOutcome,
        now: Int64,
        _ settings: EngineSettings.HealthSettings,
        _ news: inout CallNews
    ) {
        health.held(
            kind,
            startedAt: end.startedAt,
            floor: settings.namedEnd(of: outcome, now: now) ?? .min,
            error: outcome.error,
            now: now,
            settings
        )
        news.isRemembered = true
        news.othersWait = true
    }
}

/// A call that has ended, as far as gates go by it.
struct EndedCall: Sendable {
    var call: Gates.Call
    /// The conversation that it was a part of.
    var person: String
    var startedAt: Int64
    /// Whether the account's token has changed since it started.
    var isTokenOutdated: Bool
}

/// The news that a call's end holds beyond its request.
struct CallNews: Sendable {
    /// The account's next owner must know of it.
    var isRemembered = false
    /// The account, the application or the request's feature waits because of it.
    var othersWait = false
}

extension CallOutcome {
    var isThrottle: Bool { outcomeClass == .throttled || outcomeClass == .applicationThrottled }
}

extension EngineSettings.HealthSettings {
    /// Returns the soonest moment at which calls may go on, if Graph named it.
    func namedEnd(of outcome: CallOutcome, now: Int64) -> Int64? {
        guard let delay = outcome.retryAfterMilliseconds, delay > 0 else { return nil }
        return now.saturatingAdd(min(delay.saturatingMultiply(1_000_000), longestNamedWait.nanoseconds))
    }
}
