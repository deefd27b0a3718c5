internal import InstagramMessaging

/// All that binds calls: limits, holds, throttles, proofs and places, for the worker as a whole, for each account and for
/// each conversation.
///
/// `mayStart` is the question; every other method says what has happened. Accounts and conversations go by their numbers in
/// `Conversations`. Nothing but these methods changes what is kept here.
struct Gates: Sendable {
    /// A call, as far as gates go by it.
    struct Call: Sendable {
        var id: RecordID
        var account: Int32
        var lane: Int32
        var rateClass: RateClass
        var feature: MessageFeature
    }

    private(set) var settings: EngineSettings
    private(set) var graph = GraphHealth()
    private(set) var safety: SafetyValve
    private(set) var workerWindow: SlidingWindow?
    /// While true, no call starts, as commits fail: what is sent while its result cannot be made durable would be sent
    /// again by the next owner.
    private(set) var isSuspended = false
    /// The last moment at which this worker is known to have been a member of its group.
    private(set) var provenAt = Int64.min
    /// Calls that run, those of partitions that were given up included.
    private(set) var inFlight = 0
    /// Places reserved for calls that wait for their mark.
    private(set) var awaitingMark = 0
    /// Requests being checked before their call.
    private(set) var preparing = 0
    /// Messages that are called, or ended and not durable.
    private(set) var inDoubt = 0
    private var accounts: [AccountGates] = []
    /// Of those conversations of which there is anything to keep.
    private var conversations: [Int32: ConversationGates] = [:]
    private var budget: RetryBudget

    init(_ settings: EngineSettings) {
        self.settings = settings
        budget = RetryBudget(settings.retry)
        safety = SafetyValve(settings.safety, firstCalls: settings.firstCalls)
        let slack = settings.arrivalSlack.nanoseconds
        workerWindow = settings.workerLimit.map { SlidingWindow($0, slack: slack) }
    }

    /// Inlined, since a coroutine that is called has what it lends copied: an account's health, for each question about it.
    subscript(account: Int32) -> AccountGates {
        @inline(__always) _read { yield accounts[Int(account)] }
    }

    func conversation(_ lane: Int32) -> ConversationGates? { conversations.isEmpty ? nil : conversations[lane] }
}

/// The comings and goings of accounts, conversations and limits.
extension Gates {
    mutating func addAccount(_ number: Int32, id: String) {
        let gates = AccountGates(id: id, settings)
        if Int(number) < accounts.count { accounts[Int(number)] = gates } else { accounts.append(gates) }
    }

    /// Drops what is kept of an account; its number will be another's.
    mutating func removeAccount(_ number: Int32) { accounts[Int(number)] = .blank }

    mutating func addConversation(_ lane: Int32, of account: Int32) {
        guard let window = accounts[Int(account)].conversationLimit else { return }
        conversations[lane] = ConversationGates(window: SlidingWindow(window, slack: settings.arrivalSlack.nanoseconds))
    }

    mutating func removeConversation(_ lane: Int32) {
        if !conversations.isEmpty { conversations[lane] = nil }
    }

    mutating func changeLimits(
        _ limits: EngineSettings.LimitSettings,
        accounts accountLimits: [String: EngineSettings.LimitSettings]
    ) {
        settings.limits = limits
        settings.accountLimits = accountLimits
    }

    /// Gives an account the limits that the settings have for it by now.
    mutating func renewLimits(of account: Int32) {
        accounts[Int(account)].limits.change(to: settings.limits(of: accounts[Int(account)].id))
    }

    /// Calls of the last owner of an account's partition may reach Graph until a moment: none of the account before then
    /// and a window's length.
    mutating func close(_ account: Int32, until end: Int64) {
        accounts[Int(account)].coldUntil = max(accounts[Int(account)].coldUntil, end)
    }

    /// Lets the conversation's own limit count as used up by calls before a moment.
    mutating func close(conversation lane: Int32, since moment: Int64) {
        if !conversations.isEmpty { conversations[lane]?.window?.close(since: moment) }
    }
}

/// The course of a call.
extension Gates {
    /// A call of an account has its turn, at whatever pace it and the application may go.
    mutating func takeTurn(of account: Int32, at now: Int64) {
        accounts[Int(account)].health.pace.started(at: now)
        graph.takesTurn(accounts[Int(account)].id, at: now)
    }

    mutating func beginPreparing(_ account: Int32) {
        accounts[Int(account)].preparing += 1
        preparing += 1
    }

    mutating func endPreparing(_ account: Int32) {
        accounts[Int(account)].preparing -= 1
        preparing -= 1
    }

    /// Takes a call's places before it starts.
    mutating func reserve(_ call: Call) {
        accounts[Int(call.account)].reserve(call)
        if !conversations.isEmpty { conversations[call.lane]?.window?.reserve() }
        workerWindow?.reserve()
        awaitingMark += 1
        graph.starting(call.id)
        safety.starting(call.id)
    }

    /// Undoes what `reserve` took.
    mutating func giveBack(_ call: Call) {
        accounts[Int(call.account)].giveBack(call)
        if !conversations.isEmpty { conversations[call.lane]?.window?.giveBack() }
        workerWindow?.giveBack()
        awaitingMark -= 1
        graph.givenUp(call.id)
        safety.givenUp(call.id)
    }

    /// - Parameter isFirst: Whether the request was not called before.
    mutating func start(_ call: Call, isFirst: Bool, at now: Int64) {
        accounts[Int(call.account)].start(call, at: now)
        if !conversations.isEmpty { conversations[call.lane]?.window?.start(at: now) }
        workerWindow?.start(at: now)
        if isFirst { budget.firstCall() }
        inFlight += 1
        graph.starting(call.id)
        safety.starting(call.id)
    }

    /// A call is no longer its account's: it has ended, or its partition was given up.
    mutating func detach(_ call: Call) { accounts[Int(call.account)].detach(call) }

    /// A call has ended, whoever it belonged to.
    mutating func leaveFlight() { inFlight -= 1 }

    /// Frees a call's places sooner, since its answer has come.
    mutating func answered(_ call: Call, startedAt start: Int64, at now: Int64) {
        accounts[Int(call.account)].limits.change(call.rateClass) { $0.answered(startedAt: start, at: now) }
        if !conversations.isEmpty { conversations[call.lane]?.window?.answered(startedAt: start, at: now) }
        workerWindow?.answered(startedAt: start, at: now)
    }

    /// Takes a retry's token; returns the moment from which it may be used. An outage is waited out: it takes none.
    mutating func takeRetry(at now: Int64) -> Int64 { graph.isDown ? now : budget.take(now: now) }
}

/// What commits prove, and what is not durable.
extension Gates {
    mutating func suspend(_ isSuspended: Bool) { self.isSuspended = isSuspended }

    /// The group took this worker's offsets, which it was asked to at a moment.
    mutating func prove(at moment: Int64) { provenAt = max(provenAt, moment) }

    /// Nothing is this worker's own for sure before the next proof.
    mutating func forgetProof() { provenAt = .min }

    mutating func enterDoubt() { inDoubt += 1 }

    mutating func leaveDoubt(_ messages: Int = 1) { inDoubt -= messages }
}

/// What the ends of calls say beyond their requests.
extension Gates {
    /// Takes from an outcome what it says of the feature, the account and the application.
    mutating func learn(_ end: EndedCall, _ outcome: CallOutcome, now: Int64) -> CallNews {
        if let usage = outcome.applicationUsage { graph.used(usage, now: now, settings.health) }
        var news = accounts[Int(end.call.account)].learn(end, outcome, now: now, settings.health)
        guard outcome.isThrottle else { return news }
        let named = settings.health.namedEnd(of: outcome, now: now)
        switch outcome.scope {
        case .application:
            news.othersWait = throttle(startedAt: end.startedAt, named: named, outcome, now: now)
            if let named {
                accounts[Int(end.call.account)].noteApplicationWait(until: named)
                news.isRemembered = true
            }
        case .person:
            if let named { conversations[end.call.lane, default: ConversationGates()].closedUntil = named }
        case .account, .message, .post, .feature: break
        }
        return news
    }

    /// The whole application was throttled.
    ///
    /// - Returns: Whether calls of all accounts have to wait.
    mutating func throttle(startedAt: Int64, named: Int64?, _ outcome: CallOutcome, now: Int64) -> Bool {
        graph.throttled(startedAt: startedAt, named: named, error: outcome.error, now: now)
    }

    /// Graph answered a call of an account without saying what became of it.
    mutating func answeredUnknown(_ account: Int32, error: SendError?, now: Int64) {
        accounts[Int(account)].health.answeredUnknown(error: error, now: now, settings.health)
    }

    mutating func endTrouble(of account: Int32) { accounts[Int(account)].health.endTrouble() }

    /// Takes a call's end into account for the endpoint.
    mutating func noteEndpoint(
        _ id: RecordID,
        account: String,
        _ outcome: CallOutcome,
        startedAt: Int64,
        isOwnTrouble: Bool,
        now: Int64,
        random: inout some RandomNumberGenerator
    ) -> GraphHealth.Change? {
        graph.ended(
            id,
            account: account,
            outcome,
            startedAt: startedAt,
            isOwnTrouble: isOwnTrouble,
            maxInFlight: settings.maxInFlight,
            now: now,
            settings.health,
            random: &random
        )
    }

    /// Takes a call's end into account for the safety valve.
    ///
    /// - Parameter isOutdated: The token has changed since the call started: its end says nothing of the present one.
    mutating func noteSafety(
        _ id: RecordID,
        account: String,
        person: String,
        _ outcome: CallOutcome,
        isOutdated: Bool,
        now: EngineTime
    ) -> SafetyValve.Change? {
        safety.ended(
            id,
            account: account,
            person: person,
            isOutdated ? .says(isAnswer: false) : outcome.safetyVerdict,
            error: outcome.error,
            maxInFlight: settings.maxInFlight,
            now: now
        )
    }

    // MARK: The valve

    /// Lets time pass.
    mutating func advance(to now: Int64) { safety.expire(at: now) }

    /// Partitions were taken over: only a few calls run at once until one is delivered.
    mutating func beginSlowly() { safety.beginSlowly() }

    /// Opens the safety valve on command.
    mutating func openValve(at now: Int64) { safety.open(now: now) }

    /// An account was looked for; not again before a while.
    mutating func noteProbeSearch(at now: Int64) { safety.searched(at: now) }

    // MARK: Accounts

    /// Lets one call show whether what an account was given up for is over.
    mutating func free(_ account: Int32, now: Int64) { accounts[Int(account)].health.tryAgain(now: now) }

    /// An account's token has changed.
    ///
    /// - Returns: Whether it waited for that.
    mutating func renewToken(of account: Int32, now: Int64) -> Bool {
        accounts[Int(account)].tokenGeneration &+= 1
        // The token of an account that failed with the others may have been what was wrong with all of them.
        if mayBeFreed(account, at: now) { safety.hope(at: now) }
        guard accounts[Int(account)].health.isParked else { return false }
        accounts[Int(account)].health.unpark(now: now)
        return true
    }

    /// Takes over what an earlier owner wrote of an account.
    ///
    /// - Parameter keepsOwn: Whether calls counted so far are not among those that it tells of.
    mutating func restore(_ memory: AccountMemory, of account: Int32, keepsOwn: Bool, now: EngineTime) {
        accounts[Int(account)].restore(memory, keepsOwn: keepsOwn, settings.health, now: now)
        let end = now.monotonic(at: memory.words.applicationUntil, atMost: settings.health.longestNamedWait)
        guard end > now.monotonic else { return }
        accounts[Int(account)].noteApplicationWait(until: end)
        graph.wait(untilNamed: end, error: memory.words.applicationCause, now: now.monotonic)
    }
}

/// The gates of one conversation.
struct ConversationGates: Sendable {
    /// No call before this moment: Graph asked for it.
    var closedUntil = Int64.min
    /// The conversation's own limit, where there is one.
    var window: SlidingWindow?
}

extension SlidingWindow {
    fileprivate init(_ window: CallWindow, slack: Int64) {
        self.init(calls: window.calls, length: window.length.nanoseconds, slack: slack)
    }
}
