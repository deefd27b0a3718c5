package import InstagramMessaging

/// The reason why an account waits, or that it does not.
package enum WaitingReason: Sendable, Hashable {
    /// Nothing stands in its way, or it has nothing to send.
    case ready
    /// A rate limit has no room.
    case limit(LimitName)
    /// Its partition was just taken over: nobody knows what the last owner sent.
    case coldStart
    /// Cooled after a throttle or because of high usage.
    case cooling
    /// Blocked by the platform for policy reasons.
    case held
    /// Without permission.
    case stopped
    /// A message, and its conversation behind it, waits as long as Graph asked for; others may go.
    case conversationCooling
    /// Held for messages of one feature; others may go.
    case featureHeld(MessageFeature)
    /// Without a usable token; only a changed token ends this.
    case tokenDead
    /// One call decides whether the account works again; the others wait for its outcome.
    case probing
    /// The whole application was throttled.
    case applicationCooling
    /// Graph answers the account's calls without saying what became of them: one at a time goes out.
    case answersUnknown
    /// Graph as a whole does not answer.
    case endpointDown
    /// So many accounts fail that calls are stopped, but for one at a time.
    case safetyValve
    /// A start, a takeover or a pause was a moment ago: few calls run at once until some are delivered.
    case startingSlowly
    /// As many calls as are allowed run already.
    case maxInFlight
    /// As many messages as are allowed are called, or ended and not durable: a commit has to come first.
    case maxInDoubt
    /// The shell cannot make results durable at the moment, so nothing more is sent.
    case suspended
    /// Its partition was just taken over, or the worker was quiet, stopped or cut off for so long, that a commit has to
    /// show first that the partition is ours.
    case unproven
}

extension WaitingReason {
    /// The scope that what is waited for concerns; nil where it is the worker's own.
    package var scope: ErrorScope? {
        switch self {
        case .cooling, .held, .stopped, .tokenDead, .probing, .answersUnknown: .account
        case .featureHeld: .feature
        case .conversationCooling: .person
        case .applicationCooling, .endpointDown, .safetyValve, .startingSlowly: .application
        case .ready, .limit, .coldStart, .maxInFlight, .maxInDoubt, .suspended, .unproven: nil
        }
    }
}

/// A feature of an account that is held, or was until one call shows that it is over.
package struct FeatureHoldExplanation: Sendable, Hashable {
    package var feature: MessageFeature
    /// In monotonic nanoseconds.
    package var until: Int64
    /// The number of times in a row that it was held.
    package var count: Int
    /// The error that Graph answered with.
    package var cause: SendError?
}

/// The facts that the engine knows of one account at one moment.
package struct AccountExplanation: Sendable, Hashable {
    package var accountID: String
    package var reason: WaitingReason
    /// The moment at which the account can go on by itself, in monotonic nanoseconds; nil where an event decides or
    /// nothing waits.
    package var nextDue: Int64?
    /// The error that Graph answered with when it stopped, held or cooled the account.
    package var cause: SendError?
    /// The features that are held, though others may go.
    package var heldFeatures: [FeatureHoldExplanation]
    /// The number of times that the account's pace is halved at the moment because of high usage; 0 is full pace.
    package var paceSteps: Int
    /// Calls a second that may start after throttles; nil for full pace.
    package var callsPerSecond: Double?
    /// Requests that have not ended.
    package var waiting: Int
    package var conversations: Int
    package var inFlight: Int
    /// The request that is next in turn, where one is ready.
    package var head: RecordID?

    package init(
        accountID: String,
        reason: WaitingReason,
        nextDue: Int64?,
        cause: SendError?,
        heldFeatures: [FeatureHoldExplanation] = [],
        paceSteps: Int,
        callsPerSecond: Double? = nil,
        waiting: Int,
        conversations: Int,
        inFlight: Int,
        head: RecordID?
    ) {
        self.accountID = accountID
        self.reason = reason
        self.nextDue = nextDue
        self.cause = cause
        self.heldFeatures = heldFeatures
        self.paceSteps = paceSteps
        self.callsPerSecond = callsPerSecond
        self.waiting = waiting
        self.conversations = conversations
        self.inFlight = inFlight
        self.head = head
    }
}

/// The facts that the engine knows of one request that has not ended.
package struct RequestExplanation: Sendable, Hashable {
    /// The stage that the request is in.
    package enum Stage: Sendable, Hashable {
        /// Another request of its conversation comes first.
        case behind(RecordID)
        /// Waits for its account's turn.
        case ready
        /// Waits for its time, in monotonic nanoseconds: a retry's delay or its conversation's limit.
        case delayed(until: Int64)
        case preparing
        /// Waits for the first commit of its partition in this assignment.
        case awaitingFirstCommit
        /// Waits for the commit that marks it as started.
        case awaitingMark
        case inFlight
        /// Its partition is being given up.
        case draining
    }

    package var id: RecordID
    package var stage: Stage
    /// Requests of its conversation that come first.
    package var ahead: Int
    package var attempts: Int
    /// An earlier call may have delivered it.
    package var mayBeDelivered: Bool
    /// The error that the last attempt ended with.
    package var lastError: SendError?
    /// The moment at which it expires or its messaging window closes, whichever is sooner.
    package var deadline: Timestamp?
    package var account: AccountExplanation

    package init(
        id: RecordID,
        stage: Stage,
        ahead: Int,
        attempts: Int,
        mayBeDelivered: Bool,
        lastError: SendError?,
        deadline: Timestamp?,
        account: AccountExplanation
    ) {
        self.id = id
        self.stage = stage
        self.ahead = ahead
        self.attempts = attempts
        self.mayBeDelivered = mayBeDelivered
        self.lastError = lastError
        self.deadline = deadline
        self.account = account
    }
}

/// Looking in from the outside; nothing changes.
extension SendEngine {
    /// Counts of what the engine holds, at no cost.
    package var census: EngineCensus {
        var census = gauges
        census.waiting = requests.count - (gauges.inFlight - orphans.count)
        census.finished = commits.count
        census.partitions = partitions.count
        census.accounts.total = accounts.count
        census.endpoint = graph.isDown ? .down : graph.allowance == nil ? .up : .recovering
        census.safety = safetyCensus
        census.isApplicationCooling = graph.coolUntil > clock.monotonic
        return census
    }

    private var safetyCensus: EngineCensus.Safety {
        var census = EngineCensus.Safety()
        census.pauses = safety.pauses
        census.threshold = safety.settings.threshold
        census.window = safety.settings.window
        census.failing = safety.endings.failing
        census.active = safety.endings.active
        guard let cause = safety.cause else { return census }
        census.state = safety.probe != nil || safety.confirmed > 0 ? .probing : .paused
        census.since = cause.sinceWall
        census.failing = cause.failing
        census.active = cause.active
        census.error = cause.error
        census.accountsWithError = cause.accounts
        return census
    }

    /// Returns why an account waits; nil for an account that the engine has nothing to remember of.
    ///
    /// - Parameter now: Shown times are on this clock; nothing happens before the next event.
    package func explain(account id: String, now: EngineTime) -> AccountExplanation? {
        accountSlots[id].map { explanation(of: $0) }
    }

    /// Returns where a request stands; nil for one that has ended or is not known.
    package func explain(_ id: RecordID, now: EngineTime) -> RequestExplanation? {
        guard let slot = slot(of: id) else { return nil }
        let request = requests[slot]
        return RequestExplanation(
            id: id,
            stage: stage(of: slot),
            ahead: requestsAhead(of: slot),
            attempts: Int(request.attempts),
            mayBeDelivered: request.mayBeDelivered,
            lastError: lastErrors[slot],
            deadline: request.deadline == .never ? nil : Timestamp(millisecondsSinceEpoch: request.deadline),
            account: explanation(of: lanes[request.lane].account)
        )
    }

    private func requestsAhead(of slot: Int32) -> Int {
        var count = 0
        var ahead = requests[slot].previous
        while ahead >= 0 {
            count += 1
            ahead = requests[ahead].previous
        }
        return count
    }

    func explanation(of slot: Int32) -> AccountExplanation {
        let (room, reason) = effectiveWait(of: slot)
        let due: Int64? = if case .at(let moment) = room { moment } else { nil }
        return AccountExplanation(
            accountID: accounts[slot].id,
            reason: reason,
            nextDue: due,
            cause: cause(of: reason, slot),
            heldFeatures: heldFeatures(of: slot),
            paceSteps: accounts[slot].health.paceSteps(at: clock.monotonic, settings.health),
            callsPerSecond: accounts[slot].health.pace.pace,
            waiting: accounts[slot].requests,
            conversations: accounts[slot].lanes,
            inFlight: accounts[slot].inFlight,
            head: headInTurn(of: slot).map { recordID(of: $0) }
        )
    }

    /// Returns what an account waits for, what concerns all accounts included.
    private func effectiveWait(of slot: Int32) -> (room: SlidingWindow.Room, reason: WaitingReason) {
        let own = wait(of: slot)
        let all = roomForCalls
        guard own.room == .now, all.room != .now else { return own }
        return all
    }

    private func cause(of reason: WaitingReason, _ slot: Int32) -> SendError? {
        switch reason {
        case .featureHeld(let feature): accounts[slot].health.features[feature]?.cause
        case .cooling: accounts[slot].health.coolCause
        case .held, .stopped, .tokenDead, .probing, .answersUnknown: accounts[slot].health.cause(at: clock.monotonic)
        case .applicationCooling: graph.coolCause
        case .safetyValve: safety.cause?.error
        case .ready, .limit, .coldStart, .conversationCooling, .endpointDown, .startingSlowly, .maxInFlight,
            .maxInDoubt, .suspended, .unproven:
            nil
        }
    }

    private func heldFeatures(of slot: Int32) -> [FeatureHoldExplanation] {
        MessageFeature.allCases.compactMap { feature in
            guard let hold = accounts[slot].health.features[feature], hold.count > 0 else { return nil }
            return FeatureHoldExplanation(feature: feature, until: hold.until, count: hold.count, cause: hold.cause)
        }
    }

    /// The head that is next in turn, whether it can go or not.
    private func headInTurn(of slot: Int32) -> Int32? {
        if let next = nextLane(of: slot) { return lanes[next.lane].head }
        let firsts = AccountQueues.Kind.allCases.compactMap { accounts[slot].queues.first($0) }
        return firsts.min { lanes[$0].ticket < lanes[$1].ticket }.map { lanes[$0].head }
    }

    private func stage(of slot: Int32) -> RequestExplanation.Stage {
        let lane = requests[slot].lane
        if requests[slot].previous >= 0 { return .behind(recordID(of: lanes[lane].head)) }
        if partitions[requests[slot].partition]?.isDraining == true, lanes[lane].stage != .calling { return .draining }
        switch lanes[lane].stage {
        case .empty, .queued: return .ready
        case .delayed: return .delayed(until: dueLanes.time(of: lane) ?? clock.monotonic)
        case .preparing: return .preparing
        case .awaitingFirstCommit: return .awaitingFirstCommit
        case .marking: return .awaitingMark
        case .calling: return .inFlight
        case .frozen: return .draining
        }
    }
}
