package import InstagramMessaging

/// The effects of a call's end on its request, its account and the endpoint.
extension SendEngine {
    /// A call has ended. The end of a call whose partition was given up meanwhile is counted and otherwise ignored.
    package mutating func callEnded(_ id: RecordID, _ outcome: CallOutcome, now: EngineTime) {
        observe(now)
        guard let slot = book.slot(of: id), isHead(slot, .calling) else {
            lateCallEnded(id, outcome)
            return
        }
        let ended = endedCall(slot)
        let account = ended.call.account
        gates.leaveFlight()
        leaveStage(ended.call.lane)
        let troubleSince = gates.safety.troubleSince
        noteAnswer(slot, ended, outcome)
        noteEndpoint(ended, outcome)
        let change = gates.noteSafety(
            id,
            account: conversations.accounts[account].id,
            person: ended.person,
            outcome,
            isOutdated: outcome.outcomeClass == .tokenDead && ended.isTokenOutdated,
            now: clock
        )
        let held = gates[account].health.holding(at: clock.monotonic)
        let news = gates.learn(ended, outcome, now: clock.monotonic)
        if outcome.outcomeClass != .delivered || outcome.usage != nil { noteLongWaits(of: account) }
        if news.isRemembered || ended.call.rateClass == .privateReplies { noteMemory(of: account) }
        proceed(with: slot, outcome, othersWait: news.othersWait)
        boundWaits(of: account, heldBefore: held, id)
        endUnreachable(of: account)
        if change == .opened, let troubleSince { tryAgain(givenUpSince: troubleSince) }
        reconsider(account)
    }

    private func endedCall(_ slot: Int32) -> EndedCall {
        let call = call(of: slot)
        return EndedCall(
            call: call,
            person: conversations.lanes[call.lane].conversation,
            startedAt: conversations.requests[slot].callStartedAt,
            isTokenOutdated: conversations.requests[slot].tokenGeneration != gates[call.account].tokenGeneration
        )
    }

    private mutating func lateCallEnded(_ id: RecordID, _ outcome: CallOutcome) {
        totals.lateOutcomes += 1
        guard let orphan = book.removeOrphan(id) else { return }
        gates.leaveFlight()
        noteEndpoint(id, account: orphan.account, outcome, startedAt: orphan.startedAt, isOwnTrouble: false)
        if outcome.outcomeClass == .applicationThrottled {
            let named = settings.health.namedEnd(of: outcome, now: clock.monotonic)
            _ = gates.throttle(startedAt: orphan.startedAt, named: named, outcome, now: clock.monotonic)
            longWaits.note(gates.graph, at: clock.monotonic)
        }
        let troubleSince = gates.safety.troubleSince
        let change = gates.noteSafety(
            id,
            account: orphan.account,
            person: orphan.conversation,
            outcome,
            isOutdated: false,
            now: clock
        )
        if change == .opened, let troubleSince { tryAgain(givenUpSince: troubleSince) }
    }

    private mutating func noteEndpoint(_ ended: EndedCall, _ outcome: CallOutcome) {
        let account = ended.call.account
        // While the endpoint is down its answers say nothing of the account.
        let isOfAccount = outcome.isAnsweredUnknown && !gates.graph.isDown
        let isOwn = isOfAccount && gates[account].health.trouble.isProbing
        if isOfAccount { gates.answeredUnknown(account, error: outcome.error, now: clock.monotonic) }
        let id = conversations.accounts[account].id
        noteEndpoint(ended.call.id, account: id, outcome, startedAt: ended.startedAt, isOwnTrouble: isOwn)
    }

    private mutating func noteEndpoint(
        _ id: RecordID,
        account: String,
        _ outcome: CallOutcome,
        startedAt: Int64,
        isOwnTrouble: Bool
    ) {
        let change = gates.noteEndpoint(
            id,
            account: account,
            outcome,
            startedAt: startedAt,
            isOwnTrouble: isOwnTrouble,
            now: clock.monotonic,
            random: &random
        )
        guard change != nil else { return }
        // What accounts seemed to be in by themselves was the endpoint's trouble.
        for account in 0..<conversations.accounts.places
        where conversations.accounts[account].isLive && gates[account].health.trouble.isProbing {
            gates.endTrouble(of: account)
            reconsider(account)
        }
    }

    /// Notes what the request itself has to know of the end.
    private mutating func noteAnswer(_ slot: Int32, _ ended: EndedCall, _ outcome: CallOutcome) {
        gates.answered(ended.call, startedAt: ended.startedAt, at: clock.monotonic)
        conversations.answered(slot, outcome)
        if outcome.outcomeClass != .unknown, !conversations.requests[slot].mayBeDelivered { clearMark(slot) }
    }

    /// A hold that has just begun concerns all that wait; one from before, what comes to wait for it now.
    private mutating func boundWaits(of account: Int32, heldBefore: Holding, _ id: RecordID) {
        let holding = gates[account].health.holding(at: clock.monotonic)
        guard !holding.isEmpty, !gates.mayBeFreed(account, at: clock.monotonic) else { return }
        let isNew = !holding.isSubset(of: heldBefore)
        boundWait(of: isNew ? idleRequests(of: account) : [book.slot(of: id)].compactMap(\.self))
    }
}

/// The end of a request.
extension SendEngine {
    /// Ends a request once and for all, as delivered; its end is in the next commit batch.
    mutating func end(_ slot: Int32, delivered outcome: CallOutcome) {
        var end = makeEnd(of: slot)
        end.messageID = outcome.messageID
        end.recipientID = outcome.recipientID
        finish(slot, end)
    }

    /// Ends a request once and for all, with an error; its end is in the next commit batch.
    ///
    /// Nobody may be told that a message was not delivered while one of its calls may have delivered it: it ends as unknown
    /// then.
    mutating func end(_ slot: Int32, _ status: SendResult.Status, _ error: SendError) {
        let request = conversations.requests[slot]
        var end = makeEnd(of: slot)
        end.error = error
        let isDoubtful = request.mayBeDelivered || request.flags.contains(.lastWasUnknown)
        end.status = isDoubtful ? .unknown : status
        if isDoubtful, !request.flags.contains(.lastWasUnknown) {
            end.error?.message = "An earlier call may have delivered the message. \(error.message)"
        }
        finish(slot, end)
    }

    private func makeEnd(of slot: Int32) -> RequestEnd {
        let request = conversations.requests[slot]
        return RequestEnd(
            id: recordID(of: slot),
            status: .sent,
            attempts: Int(request.attempts),
            possibleDuplicate: request.flags.contains(.resentAfterUnknown),
            completedAt: clock.wall
        )
    }

    private mutating func finish(_ slot: Int32, _ end: RequestEnd) {
        var end = end
        // The end carries the doubt from now on.
        end.isInDoubt = conversations.requests[slot].flags.contains(.inDoubt)
        book.finish(end)
        discard(slot)
    }

    // MARK: Doubt

    /// After a call the request is to be called again: it stays in doubt for as long as an unknown attempt of it is not
    /// durable.
    mutating func keepDoubt(of slot: Int32) {
        let request = conversations.requests[slot]
        if request.mayBeDelivered, request.unknowns > request.durableUnknowns {
            book.append(CommitQueue.UnknownAttempts(id: recordID(of: slot), count: request.unknowns))
        } else {
            leaveDoubt(slot)
        }
    }

    mutating func leaveDoubt(_ slot: Int32) {
        guard conversations.leaveDoubt(slot) else { return }
        gates.leaveDoubt()
        book.leaveDoubt(in: conversations.requests[slot].partition)
    }
}

/// The effects of the safety valve and the accounts on each other.
///
/// While it is shut, a hold or a dead token that came with the trouble proves nothing about when its account can call:
/// all such accounts may call again once the valve opens, so that none of their requests ends early because of it.
extension SendEngine {
    /// On command: calls go on at once, and the accounts that were given up with the trouble are tried again. If failures
    /// go on, calls stop again.
    package mutating func resume(now: EngineTime) {
        observe(now)
        let since = gates.safety.troubleSince
        gates.openValve(at: clock.monotonic)
        if let since { tryAgain(givenUpSince: since) }
    }

    /// Lets the accounts call again, one call first, that were given up since a moment.
    private mutating func tryAgain(givenUpSince since: Int64) {
        for account in 0..<conversations.accounts.places where conversations.accounts[account].isLive {
            if gates[account].health.wasGivenUp(since: since, at: clock.monotonic) {
                free(account)
            } else {
                boundWait(of: idleRequests(of: account))
                endUnreachable(of: account)
            }
        }
    }

    mutating func free(_ account: Int32) {
        let wasParked = gates[account].health.isParked
        gates.free(account, now: clock.monotonic)
        boundWait(of: idleRequests(of: account))
        if !wasParked { noteMemory(of: account) }
        reconsider(account)
    }
}
