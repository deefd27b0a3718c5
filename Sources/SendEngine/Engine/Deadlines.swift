internal import InstagramMessaging

/// The effects of passing time: deadlines, ends of trying, delays and limits.
extension SendEngine {
    /// Lets time pass.
    package mutating func advance(to now: EngineTime) {
        observe(now)
        runTimers()
    }

    /// The monotonic time, in nanoseconds, at which there is something to do without any event; nil for none. Deadlines
    /// on the wall clock are converted as that clock stands now.
    package var nextWake: Int64? {
        if !actions.isEmpty || !book.marked.isEmpty { return clock.monotonic }
        let deadline = conversations.nextDeadline.map { clock.monotonic(at: $0) }
        var soonest = [conversations.nextDue, probeSearchDue, deadline].compactMap(\.self).min()
        if !conversations.ring.isEmpty {
            switch gates.mayStart(.any(), at: clock.monotonic) {
            case .now: soonest = clock.monotonic
            case .at(let due, _): soonest = min(soonest ?? due, due)
            case .later:
                // The commit that was to prove ownership may have gone with its partition: ask for another.
                if !isSuspended, !gates.owns(at: clock.monotonic), book.lacksProofUnasked { soonest = clock.monotonic }
            }
        }
        return soonest.map { max($0, clock.monotonic) }
    }

    mutating func runTimers() {
        gates.advance(to: clock.monotonic)
        while let slot = conversations.nextLate(at: clock.wall.millisecondsSinceEpoch) { endLate(slot) }
        while let slot = conversations.nextEnded(at: clock.monotonic) { giveUpIfDue(slot) }
        while let lane = conversations.nextDueLane(at: clock.monotonic) { presentHead(of: lane) }
        while let account = conversations.nextDueAccount(at: clock.monotonic) { reconsider(account) }
    }

    /// Ends a request whose own deadline has passed, or will before it can be called.
    mutating func endLate(_ slot: Int32) {
        let request = conversations.requests[slot]
        let closes = request.flags.contains(.windowCloses)
        let reason =
            closes
            ? "The messaging window closes before the request can be sent."
            : "The request's expires_at passes before it can be sent."
        if request.attempts > 0, let last = blockingError(of: slot) {
            end(slot, .failed, Self.error(last, because: reason))
        } else {
            let waitsFor = blockingError(of: slot).map { " Last: \($0.message)" } ?? ""
            let category: ErrorCategory = closes ? .outsideWindow : .expired
            end(slot, .expired, SendError(category: category, message: reason + waitsFor))
        }
    }

    /// Ends a request whose time is up; holds and waits may have stopped its clock since its end was set.
    private mutating func giveUpIfDue(_ slot: Int32) {
        let end = endOfTrying(slot)
        if end <= clock.monotonic { giveUp(slot) } else { conversations.watchEnd(of: slot, at: end) }
    }

    /// Ends a request that has been tried, or kept from it, for long enough.
    mutating func giveUp(_ slot: Int32) {
        let fallback = SendError(category: .timeout, message: "It could not be sent.")
        let reason =
            endOfElapsed(slot) <= endOfHold(slot)
            ? "The request cannot be sent within retry.maxElapsed of its first call."
            : "The request was held, or without a usable token, for as long as retry.maxHold."
        end(slot, .failed, Self.error(blockingError(of: slot) ?? fallback, because: reason))
    }

    /// Returns the error that keeps a request from being sent: its account's block, or else its last call's end.
    private func blockingError(of slot: Int32) -> SendError? {
        let feature = conversations.requests[slot].feature
        return gates.blockingError(of: account(of: slot), feature, at: clock.monotonic)
            ?? conversations.lastErrors[slot]
    }

    private static func error(_ error: SendError, because reason: String) -> SendError {
        var explained = error
        explained.message = "\(reason) Last: \(error.message)"
        return explained
    }

    /// Ends what provably cannot be sent before its deadline because its account, or its feature, may not call until later.
    mutating func endUnreachable(of account: Int32) {
        guard conversations.accounts[account].isLive, conversations.accounts[account].soonestDeadline < .never,
            let open = gates.latestOpening(of: account, at: clock.monotonic),
            conversations.accounts[account].soonestDeadline <= clock.wall(at: open)
        else { return }
        let openings = gates[account].health.openings(at: clock.monotonic)
        guard openings != conversations.accounts[account].searchedOpenings else { return }
        var soonest = Int64.never
        var late: [Int32] = []
        for slot in allRequests(of: account) {
            let deadline = conversations.requests[slot].deadline
            if !isHead(slot, .calling), let open = opening(of: slot), deadline <= clock.wall(at: open) {
                late.append(slot)
            } else {
                soonest = min(soonest, deadline)
            }
        }
        conversations.noteSearch(of: account, openings: openings, soonestDeadline: soonest)
        for slot in late { endLate(slot) }
    }

    /// Requests without a deadline wait for the end of a hold, or for a new token, for so long, not for ever.
    mutating func boundWait(of slots: [Int32]) {
        for slot in slots { conversations.watchEnd(of: slot, at: endOfTrying(slot)) }
    }

    /// A changed token is tried at once, with one call.
    package mutating func tokensChanged(_ accountIDs: [String], now: EngineTime) {
        observe(now)
        for id in accountIDs {
            guard let account = conversations.account(named: id),
                gates.renewToken(of: account, now: clock.monotonic)
            else { continue }
            boundWait(of: idleRequests(of: account))
            reconsider(account)
        }
    }

    /// The requests of an account that no call runs for.
    func idleRequests(of account: Int32) -> [Int32] { allRequests(of: account).filter { !isHead($0, .calling) } }

    private func allRequests(of account: Int32) -> [Int32] {
        var slots: [Int32] = []
        slots.reserveCapacity(conversations.accounts[account].requests)
        var lane = conversations.accounts[account].firstLane
        while lane >= 0 {
            var slot = conversations.lanes[lane].head
            while slot >= 0 {
                slots.append(slot)
                slot = conversations.requests[slot].next
            }
            lane = conversations.lanes[lane].nextSibling
        }
        return slots
    }
}

/// The time for which requests are tried, and that for which they wait for holds to end: each on a clock of its own.
extension SendEngine {
    /// Returns how long what stops the clock of `retry.maxElapsed` has done so, as far as a request is concerned.
    func stoppedTime(of slot: Int32) -> Int64 {
        gates.stoppedTime(of: account(of: slot), conversations.requests[slot].feature, at: clock.monotonic)
    }

    /// Returns how long holds and dead tokens have kept a request's account, or its feature, from calling.
    func heldTime(of slot: Int32) -> Int64 {
        gates.heldTime(of: account(of: slot), conversations.requests[slot].feature, at: clock.monotonic)
    }

    /// Returns the moment before which a request provably makes no call, where there is one.
    func opening(of slot: Int32) -> Int64? {
        gates.opening(of: account(of: slot), conversations.requests[slot].feature, at: clock.monotonic)
    }

    /// Returns when a request is given up; `never` where nothing known so far leads to that.
    func endOfTrying(_ slot: Int32) -> Int64 { min(endOfElapsed(slot), endOfHold(slot)) }

    /// Returns when `retry.maxElapsed` is over for a request; `never` for one that was not called yet, and while nobody
    /// knows for how long its clock stands still.
    func endOfElapsed(_ slot: Int32) -> Int64 {
        let (start, feature) = (conversations.requests[slot].firstCallAt, conversations.requests[slot].feature)
        guard start != .never,
            let ahead = gates.stoppedAhead(of: account(of: slot), feature, at: clock.monotonic)
        else { return .never }
        let stopped = stoppedTime(of: slot).saturatingSubtract(conversations.requests[slot].stoppedBefore)
        return start.saturatingAdd(max(settings.retry.maxElapsed.nanoseconds, 0))
            .saturatingAdd(stopped)
            .saturatingAdd(ahead)
    }

    /// Returns when `retry.maxHold` is over for a request that is held now and has no deadline; `never` for others.
    func endOfHold(_ slot: Int32) -> Int64 {
        let now = clock.monotonic
        guard conversations.requests[slot].deadline == .never,
            gates.isHeld(account(of: slot), conversations.requests[slot].feature, at: now)
        else { return .never }
        let waited = heldTime(of: slot).saturatingSubtract(conversations.requests[slot].heldBefore)
        return now.saturatingAdd(max(settings.retry.maxHold.nanoseconds.saturatingSubtract(waited), 0))
    }
}
