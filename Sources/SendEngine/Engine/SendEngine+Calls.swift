package import InstagramMessaging

/// What a call's end means for its request, its account and the endpoint.
extension SendEngine {
    /// A call has ended. The end of a call whose partition was given up meanwhile is counted and otherwise ignored.
    package mutating func callEnded(_ id: RecordID, _ outcome: CallOutcome, now: EngineTime) {
        observe(now)
        guard let slot = slot(of: id), lanes[requests[slot].lane].head == slot,
            lanes[requests[slot].lane].stage == .calling
        else {
            lateCallEnded(id, outcome)
            return
        }
        let lane = requests[slot].lane
        let account = lanes[lane].account
        let wasParked = accounts[account].health.isParked
        gauges.inFlight -= 1
        leaveStage(lane)
        let isOutdated =
            outcome.outcomeClass == .tokenDead && requests[slot].tokenGeneration != accounts[account].tokenGeneration
        let troubleSince = safety.troubleSince
        noteAnswer(slot, outcome)
        noteGraph(id, account: accounts[account].id, outcome)
        let change = noteSafety(id, account: accounts[account].id, outcome, isOutdated: isOutdated)
        learn(slot, of: account, outcome)
        noteMemory(of: account, after: outcome, requests[slot].rateClass)
        proceed(with: slot, outcome)
        if change == .shut { waitForOpening() }
        if accounts[account].health.isParked {
            if mayBeFreed(account) { return reconsider(account) }
            let idle = wasParked ? [self.slot(of: id)].compactMap(\.self) : idleRequests(of: account)
            boundWait(of: idle)
        } else {
            endUnreachable(of: account)
        }
        if change == .opened, let troubleSince { tryAgain(givenUpSince: troubleSince) }
        reconsider(account)
    }

    private mutating func lateCallEnded(_ id: RecordID, _ outcome: CallOutcome) {
        gauges.lateOutcomes += 1
        guard let account = orphans.removeValue(forKey: id) else { return }
        gauges.inFlight -= 1
        noteGraph(id, account: account, outcome)
        let troubleSince = safety.troubleSince
        let change = noteSafety(id, account: account, outcome, isOutdated: false)
        if change == .shut { waitForOpening() }
        if change == .opened, let troubleSince { tryAgain(givenUpSince: troubleSince) }
    }

    private mutating func noteGraph(_ id: RecordID, account: String, _ outcome: CallOutcome) {
        graph.ended(
            id,
            account: account,
            outcome,
            activeAccounts: activeAccounts,
            maxInFlight: settings.maxInFlight,
            now: clock.monotonic,
            settings.health,
            random: &random
        )
    }

    /// Writes down what the request itself has to know of the end.
    private mutating func noteAnswer(_ slot: Int32, _ outcome: CallOutcome) {
        let lane = requests[slot].lane
        let start = requests[slot].callStartedAt
        let now = clock.monotonic
        accounts[lanes[lane].account].limits.change(requests[slot].rateClass) {
            $0.answered(startedAt: start, at: now)
        }
        lanes[lane].window?.answered(startedAt: start, at: now)
        workerWindow?.answered(startedAt: start, at: now)
        lastErrors[slot] = outcome.error
        if outcome.outcomeClass == .unknown {
            requests[slot].unknowns += 1
            if outcome.isAnsweredUnknown { requests[slot].answeredUnknowns += 1 }
            requests[slot].flags.insert(.lastWasUnknown)
        } else {
            requests[slot].flags.remove(.lastWasUnknown)
            if !requests[slot].mayBeDelivered { clearMark(slot) }
        }
        guard !outcome.wasStarted else { return }
        requests[slot].attempts -= 1
        if requests[slot].attempts == 0 { requests[slot].firstCallAt = .never }
    }

    // MARK: Accounts

    /// Has the next commit write down what the next owner of the account must know.
    private mutating func noteMemory(of account: Int32, after outcome: CallOutcome, _ rateClass: RateClass) {
        switch outcome.outcomeClass {
        case .throttled, .accountHeld, .accountStopped: noteMemory(of: account)
        default:
            let isSlowed = (outcome.usage?.highestPercent ?? 0) > 75 || (outcome.usage?.regainMinutes ?? 0) > 0
            if rateClass == .privateReplies || isSlowed { noteMemory(of: account) }
        }
    }

    /// Takes from an outcome what it says of the account and of the application.
    private mutating func learn(_ request: Int32, of slot: Int32, _ outcome: CallOutcome) {
        let start = requests[request].callStartedAt
        let now = clock.monotonic
        let health = settings.health
        let error = outcome.error
        let floor = self.floor(of: outcome) ?? .min
        if let usage = outcome.usage { accounts[slot].health.used(usage, now: now, health) }
        switch outcome.outcomeClass {
        case .delivered: accounts[slot].health.answered(delivered: true)
        case .refused, .mediaFetch: accounts[slot].health.answered(delivered: false)
        case .notSent, .unknown: break
        case .throttled:
            accounts[slot].health.answered(delivered: false)
            accounts[slot].health.throttled(startedAt: start, floor: floor, error: error, now: now, health)
        case .applicationThrottled:
            graph.throttled(startedAt: start, floor: floor, error: error, now: now, health)
        case .accountHeld:
            accounts[slot].health.held(.policy, startedAt: start, floor: floor, error: error, now: now, health)
        case .accountStopped:
            accounts[slot].health.held(.permission, startedAt: start, floor: floor, error: error, now: now, health)
        case .tokenDead:
            // A token that has changed since the call started says nothing of the present one.
            guard requests[request].tokenGeneration == accounts[slot].tokenGeneration else { return }
            accounts[slot].health.park(error: error, now: now)
        }
    }

    /// When a request may be tried again at the soonest, if Graph said so.
    func floor(of outcome: CallOutcome) -> Int64? {
        guard let delay = outcome.retryAfterMilliseconds, delay > 0 else { return nil }
        return clock.monotonic.saturatingAdd(delay.saturatingMultiply(1_000_000))
    }
}
