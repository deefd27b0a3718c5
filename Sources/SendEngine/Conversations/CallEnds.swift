package import InstagramMessaging

/// The effects of a call's end on its request, its account and the endpoint.
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
        gauges.inFlight -= 1
        leaveStage(lane)
        let isOutdated =
            outcome.outcomeClass == .tokenDead && requests[slot].tokenGeneration != accounts[account].tokenGeneration
        let troubleSince = safety.troubleSince
        noteAnswer(slot, outcome)
        noteGraph(id, of: account, outcome, startedAt: requests[slot].callStartedAt)
        let change = noteSafety(
            id,
            account: accounts[account].id,
            person: lanes[lane].conversation,
            outcome,
            isOutdated: isOutdated
        )
        let held = accounts[account].health.holding(at: clock.monotonic)
        let news = learn(slot, of: account, outcome)
        if outcome.outcomeClass != .delivered || outcome.usage != nil { noteLongWaits(of: account) }
        if news.isRemembered || requests[slot].rateClass == .privateReplies { noteMemory(of: account) }
        proceed(with: slot, outcome, othersWait: news.othersWait)
        let holding = accounts[account].health.holding(at: clock.monotonic)
        if !holding.isEmpty, !mayBeFreed(account) {
            // A hold that has just begun concerns all that wait; one from before, what comes to wait for it now.
            let isNew = !holding.isSubset(of: held)
            boundWait(of: isNew ? idleRequests(of: account) : [self.slot(of: id)].compactMap(\.self))
        }
        endUnreachable(of: account)
        if change == .opened, let troubleSince { tryAgain(givenUpSince: troubleSince) }
        reconsider(account)
    }

    private mutating func lateCallEnded(_ id: RecordID, _ outcome: CallOutcome) {
        gauges.lateOutcomes += 1
        guard let orphan = orphans.removeValue(forKey: id) else { return }
        gauges.inFlight -= 1
        noteGraph(id, account: orphan.account, outcome, startedAt: orphan.startedAt, isOwnTrouble: false)
        if outcome.outcomeClass == .applicationThrottled {
            _ = graph.throttled(
                startedAt: orphan.startedAt,
                named: namedEnd(of: outcome),
                error: outcome.error,
                now: clock.monotonic
            )
            noteLongWaitOfAll()
        }
        let troubleSince = safety.troubleSince
        let change = noteSafety(
            id,
            account: orphan.account,
            person: orphan.conversation,
            outcome,
            isOutdated: false
        )
        if change == .opened, let troubleSince { tryAgain(givenUpSince: troubleSince) }
    }

    private mutating func noteGraph(_ id: RecordID, of account: Int32, _ outcome: CallOutcome, startedAt: Int64) {
        // While the endpoint is down its answers say nothing of the account.
        let isOfAccount = outcome.isAnsweredUnknown && !graph.isDown
        let isOwn = isOfAccount && accounts[account].health.trouble.isProbing
        if isOfAccount {
            accounts[account].health.answeredUnknown(error: outcome.error, now: clock.monotonic, settings.health)
        }
        noteGraph(id, account: accounts[account].id, outcome, startedAt: startedAt, isOwnTrouble: isOwn)
    }

    private mutating func noteGraph(
        _ id: RecordID,
        account: String,
        _ outcome: CallOutcome,
        startedAt: Int64,
        isOwnTrouble: Bool
    ) {
        let change = graph.ended(
            id,
            account: account,
            outcome,
            startedAt: startedAt,
            isOwnTrouble: isOwnTrouble,
            maxInFlight: settings.maxInFlight,
            now: clock.monotonic,
            settings.health,
            random: &random
        )
        guard change != nil else { return }
        // What accounts seemed to be in by themselves was the endpoint's trouble.
        for account in 0..<accounts.places where accounts[account].isLive && accounts[account].health.trouble.isProbing
        {
            accounts[account].health.endTrouble()
            reconsider(account)
        }
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

    /// The news that an outcome holds beyond its request.
    private struct News {
        /// The account's next owner must know of it.
        var isRemembered = false
        /// The account, the application or the request's feature waits because of it.
        var othersWait = false
    }

    /// Takes from an outcome what it says of the feature, the account and the application.
    private mutating func learn(_ request: Int32, of slot: Int32, _ outcome: CallOutcome) -> News {
        let now = clock.monotonic
        var news = News()
        if let usage = outcome.applicationUsage { graph.used(usage, now: now, settings.health) }
        if let usage = outcome.usage {
            accounts[slot].health.used(usage, now: now, settings.health)
            news.isRemembered = usage.highestPercent > 75 || (usage.regainMinutes ?? 0) > 0
        }
        switch outcome.outcomeClass {
        case .notSent, .unknown: return news
        case .delivered: learnAnswer(request, of: slot, delivered: true, &news)
        case .refused where outcome.needsRepetition: suspect(request, of: slot, outcome, &news)
        case .refused, .mediaFetch, .alreadyAnswered: learnAnswer(request, of: slot, delivered: false, &news)
        case .throttled, .applicationThrottled: learnThrottle(request, of: slot, outcome, &news)
        case .accountHeld: hold(.policy, request, of: slot, outcome, &news)
        case .accountStopped: hold(.permission, request, of: slot, outcome, &news)
        case .tokenDead:
            // A token that has changed since the call started says nothing of the present one.
            guard requests[request].tokenGeneration == accounts[slot].tokenGeneration else { return news }
            accounts[slot].health.park(error: outcome.error, now: now)
            news.othersWait = true
        }
        return news
    }

    private mutating func learnAnswer(_ request: Int32, of slot: Int32, delivered: Bool, _ news: inout News) {
        let start = requests[request].callStartedAt
        let now = clock.monotonic
        if delivered {
            accounts[slot].health.pace.delivered(startedAt: start, now: now)
            // An account that can send need not be careful any more.
            accounts[slot].allowance = accounts[slot].allowance.flatMap { $0 >= 64 ? nil : $0 * 2 }
        }
        accounts[slot].health.answered(delivered: delivered, startedAt: start)
        let feature = requests[request].feature
        let isOver = accounts[slot].health.answered(feature, delivered: delivered, startedAt: start, now: now)
        news.isRemembered = news.isRemembered || isOver
    }

    /// A refusal that concerns more than its message only if it repeats itself.
    private mutating func suspect(_ request: Int32, of slot: Int32, _ outcome: CallOutcome, _ news: inout News) {
        let start = requests[request].callStartedAt
        let person = lanes[requests[request].lane].conversation
        let isHeld: Bool
        if outcome.scope == .account {
            isHeld = accounts[slot].health.suspected(
                person,
                startedAt: start,
                error: outcome.error,
                now: clock.monotonic,
                settings.health
            )
        } else {
            accounts[slot].health.answered(delivered: false, startedAt: start)
            isHeld = accounts[slot].health.suspected(
                outcome.feature ?? requests[request].feature,
                person,
                startedAt: start,
                error: outcome.error,
                now: clock.monotonic,
                settings.health
            )
        }
        news.isRemembered = news.isRemembered || isHeld
    }

    private mutating func learnThrottle(_ request: Int32, of slot: Int32, _ outcome: CallOutcome, _ news: inout News) {
        let start = requests[request].callStartedAt
        let named = namedEnd(of: outcome)
        let now = clock.monotonic
        if outcome.scope != .account { accounts[slot].health.answered(delivered: false, startedAt: start) }
        switch outcome.scope {
        case .application:
            news.othersWait = graph.throttled(startedAt: start, named: named, error: outcome.error, now: now)
            if let named {
                accounts[slot].namedApplicationWait = max(accounts[slot].namedApplicationWait, named)
                news.isRemembered = true
            }
        case .account:
            accounts[slot].health.answered(delivered: false, startedAt: start)
            news.othersWait = accounts[slot].health.throttled(
                startedAt: start,
                named: named ?? (outcome.usage?.regainMinutes ?? 0 > 0 ? accounts[slot].health.coolUntil : nil),
                error: outcome.error,
                now: now
            )
            news.isRemembered = true
        case .person: if let named { lanes[requests[request].lane].closedUntil = named }
        case .message, .post, .feature: break
        }
    }

    private mutating func hold(
        _ kind: AccountHealth.Hold,
        _ request: Int32,
        of slot: Int32,
        _ outcome: CallOutcome,
        _ news: inout News
    ) {
        accounts[slot].health.held(
            kind,
            startedAt: requests[request].callStartedAt,
            floor: namedEnd(of: outcome) ?? .min,
            error: outcome.error,
            now: clock.monotonic,
            settings.health
        )
        news.isRemembered = true
        news.othersWait = true
    }

    /// Returns the soonest moment at which calls may go on, if Graph named it.
    func namedEnd(of outcome: CallOutcome) -> Int64? {
        guard let delay = outcome.retryAfterMilliseconds, delay > 0 else { return nil }
        let longest = settings.health.longestNamedWait.nanoseconds
        return clock.monotonic.saturatingAdd(min(delay.saturatingMultiply(1_000_000), longest))
    }
}

/// An ending of a request.
enum Ending {
    case sent(CallOutcome)
    case failed(SendError)
    case expired(SendError)
    case rejected(SendError)
}

extension SendEngine {
    /// Ends a request once and for all; its ending is in the next commit batch.
    mutating func end(_ slot: Int32, _ ending: Ending) {
        let id = recordID(of: slot)
        let termination = termination(of: requests[slot], ending)
        commits.append(CommitBatch.Finished(id: id, termination: termination, isInDoubt: handOverDoubt(of: slot)))
        partitions[id.partition]?.ledger.finish(id.offset)
        discard(slot)
    }

    private func termination(of request: Request, _ ending: Ending) -> Termination {
        var termination = Termination(
            status: .sent,
            attempts: Int(request.attempts),
            possibleDuplicate: request.flags.contains(.resentAfterUnknown),
            completedAt: clock.wall
        )
        switch ending {
        case .sent(let outcome):
            termination.messageID = outcome.messageID
            termination.recipientID = outcome.recipientID
        case .failed(let error): settle(&termination, as: .failed, error, request)
        case .expired(let error): settle(&termination, as: .expired, error, request)
        case .rejected(let error): settle(&termination, as: .rejected, error, request)
        }
        return termination
    }

    /// Nobody may be told that a message was not delivered while one of its calls may have delivered it.
    private func settle(
        _ termination: inout Termination,
        as status: SendResult.Status,
        _ error: SendError,
        _ request: Request
    ) {
        termination.error = error
        let isDoubtful = request.mayBeDelivered || request.flags.contains(.lastWasUnknown)
        termination.status = isDoubtful ? .unknown : status
        if isDoubtful, !request.flags.contains(.lastWasUnknown) {
            termination.error?.message = "An earlier call may have delivered the message. \(error.message)"
        }
    }
}
