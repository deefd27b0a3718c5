import Containers
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
        if !actions.isEmpty || !marked.isEmpty { return clock.monotonic }
        var soonest = [dueAccounts.firstTime, dueLanes.firstTime, ends.firstTime, probeSearchDue].compactMap(\.self)
            .min()
        if let deadline = deadlines.firstTime {
            let ahead = deadline.saturatingSubtract(clock.wall.millisecondsSinceEpoch)
            let moment = clock.monotonic.saturatingAdd(ahead.saturatingMultiply(1_000_000))
            soonest = min(soonest ?? moment, moment)
        }
        if !ring.isEmpty {
            switch roomForCalls.room {
            case .now: soonest = clock.monotonic
            case .at(let due): soonest = min(soonest ?? due, due)
            case .later:
                // The commit that was to prove ownership may have gone with its partition: ask for another.
                if !isSuspended, !ownsForSure, lacksProofUnasked { soonest = clock.monotonic }
            }
        }
        return soonest.map { max($0, clock.monotonic) }
    }

    mutating func runTimers() {
        safety.expire(at: clock.monotonic)
        while let slot = deadlines.popFirst(upTo: clock.wall.millisecondsSinceEpoch) { endLate(slot) }
        while let slot = ends.popFirst(upTo: clock.monotonic) { giveUpIfDue(slot) }
        while let lane = dueLanes.popFirst(upTo: clock.monotonic) { wake(lane) }
        while let account = dueAccounts.popFirst(upTo: clock.monotonic) { reconsider(account) }
    }

    /// Ends a request whose own deadline has passed, or will before it can be called.
    mutating func endLate(_ slot: Int32) {
        let request = requests[slot]
        let closes = request.flags.contains(.windowCloses)
        let reason =
            closes
            ? "The messaging window closes before the request can be sent."
            : "The request's expires_at passes before it can be sent."
        if request.attempts > 0, let last = blockingError(of: slot) {
            end(slot, .failed(Self.error(last, because: reason)))
        } else {
            let waitsFor = blockingError(of: slot).map { " Last: \($0.message)" } ?? ""
            let category: ErrorCategory = closes ? .outsideWindow : .expired
            end(slot, .expired(SendError(category: category, message: reason + waitsFor)))
        }
    }

    /// Ends a request whose time is up; holds and waits may have stopped its clock since its end was set.
    private mutating func giveUpIfDue(_ slot: Int32) {
        let end = endOfTrying(slot)
        if end <= clock.monotonic {
            giveUp(slot)
        } else if end < .never {
            ends.set(slot, to: end)
        }
    }

    /// Ends a request that has been tried, or kept from it, for long enough.
    mutating func giveUp(_ slot: Int32) {
        let fallback = SendError(category: .timeout, message: "It could not be sent.")
        let reason =
            endOfElapsed(slot) <= endOfHold(slot)
            ? "The request cannot be sent within retry.maxElapsed of its first call."
            : "The request was held, or without a usable token, for as long as retry.maxHold."
        end(slot, .failed(Self.error(blockingError(of: slot) ?? fallback, because: reason)))
    }

    /// Returns the error that keeps a request from being sent: its account's block, or else its last call's end.
    private func blockingError(of slot: Int32) -> SendError? {
        let health = accounts[lanes[requests[slot].lane].account].health
        if health.gate(at: clock.monotonic) != .open, let cause = health.cause(at: clock.monotonic) { return cause }
        let feature = requests[slot].feature
        if health.gate(of: feature, at: clock.monotonic) != .open, let cause = health.features[feature]?.cause {
            return cause
        }
        return lastErrors[slot]
    }

    private static func error(_ error: SendError, because reason: String) -> SendError {
        var explained = error
        explained.message = "\(reason) Last: \(error.message)"
        return explained
    }

    /// Ends what provably cannot be sent before its deadline because its account, or its feature, may not call until later.
    mutating func endUnreachable(of account: Int32) {
        guard accounts[account].isLive, accounts[account].soonestDeadline < .never,
            let open = latestOpening(of: account), accounts[account].soonestDeadline <= wallTime(at: open)
        else { return }
        let openings = accounts[account].health.openings(at: clock.monotonic)
        guard openings != accounts[account].searchedOpenings else { return }
        accounts[account].searchedOpenings = openings
        accounts[account].soonestDeadline = .never
        var late: [Int32] = []
        for slot in allRequests(of: account) {
            if !isCalled(slot), let open = provablyClosed(slot), requests[slot].deadline <= wallTime(at: open) {
                late.append(slot)
            } else {
                accounts[account].soonestDeadline = min(accounts[account].soonestDeadline, requests[slot].deadline)
            }
        }
        for slot in late { endLate(slot) }
    }

    /// Requests without a deadline wait for the end of a hold, or for a new token, for so long, not for ever.
    mutating func boundWait(of slots: [Int32]) {
        for slot in slots {
            let end = endOfTrying(slot)
            if end < .never { ends.set(slot, to: end) }
        }
    }

    /// A changed token is tried at once, with one call.
    package mutating func tokensChanged(_ accountIDs: [String], now: EngineTime) {
        observe(now)
        for id in accountIDs {
            guard let account = accountSlots[id] else { continue }
            accounts[account].tokenGeneration &+= 1
            // The token of an account that failed with the others may have been what was wrong with all of them.
            if mayBeFreed(account) { safety.hope(at: clock.monotonic) }
            guard accounts[account].health.isParked else { continue }
            accounts[account].health.unpark(now: clock.monotonic)
            boundWait(of: idleRequests(of: account))
            reconsider(account)
        }
    }

    private func isCalled(_ slot: Int32) -> Bool {
        let lane = requests[slot].lane
        return lanes[lane].head == slot && lanes[lane].stage == .calling
    }

    /// The requests of an account that no call runs for.
    func idleRequests(of account: Int32) -> [Int32] { allRequests(of: account).filter { !isCalled($0) } }

    private func allRequests(of account: Int32) -> [Int32] {
        var slots: [Int32] = []
        slots.reserveCapacity(accounts[account].requests)
        var lane = accounts[account].firstLane
        while lane >= 0 {
            var slot = lanes[lane].head
            while slot >= 0 {
                slots.append(slot)
                slot = requests[slot].next
            }
            lane = lanes[lane].nextSibling
        }
        return slots
    }
}

/// The time for which requests are tried, and that for which they wait for holds to end: each on a clock of its own.
extension SendEngine {
    /// Returns how long what stops the clock of `retry.maxElapsed` has done so, as far as a request is concerned.
    func stoppedTime(of slot: Int32) -> Int64 {
        let now = clock.monotonic
        let health = accounts[lanes[requests[slot].lane].account].health
        return health.stopped.value(at: now)
            .saturatingAdd(health.heldTime(of: requests[slot].feature, at: now))
            .saturatingAdd(graph.stopped.value(at: now))
            .saturatingAdd(safety.stopped.value(at: now))
    }

    /// Returns how long holds and dead tokens have kept a request's account, or its feature, from calling.
    func heldTime(of slot: Int32) -> Int64 {
        let health = accounts[lanes[requests[slot].lane].account].health
        return health.held.value(at: clock.monotonic)
            .saturatingAdd(health.heldTime(of: requests[slot].feature, at: clock.monotonic))
    }

    /// Returns when a request is given up; `never` where nothing known so far leads to that.
    func endOfTrying(_ slot: Int32) -> Int64 { min(endOfElapsed(slot), endOfHold(slot)) }

    /// Returns when `retry.maxElapsed` is over for a request; `never` for one that was not called yet, and while nobody
    /// knows for how long its clock stands still.
    func endOfElapsed(_ slot: Int32) -> Int64 {
        let start = requests[slot].firstCallAt
        let now = clock.monotonic
        let health = accounts[lanes[requests[slot].lane].account].health
        guard start != .never, !safety.isShut, let account = health.stopped.remaining(at: now) else { return .never }
        let feature = health.features.isEmpty ? nil : health.features[requests[slot].feature]?.held.remaining(at: now)
        let ahead = max(account, feature ?? 0, graph.stopped.remaining(at: now) ?? 0)
        let stopped = stoppedTime(of: slot).saturatingSubtract(requests[slot].stoppedBefore)
        return start.saturatingAdd(max(settings.retry.maxElapsed.nanoseconds, 0))
            .saturatingAdd(stopped)
            .saturatingAdd(ahead)
    }

    /// Returns when `retry.maxHold` is over for a request that is held now and has no deadline; `never` for others.
    func endOfHold(_ slot: Int32) -> Int64 {
        let account = lanes[requests[slot].lane].account
        guard requests[slot].deadline == .never, !mayBeFreed(account) else { return .never }
        let now = clock.monotonic
        let health = accounts[account].health
        let isFeatureHeld = health.gate(of: requests[slot].feature, at: now) != .open
        let isHeld = health.isParked || health.holdUntil > now || isFeatureHeld
        guard isHeld else { return .never }
        let waited = heldTime(of: slot).saturatingSubtract(requests[slot].heldBefore)
        return now.saturatingAdd(max(settings.retry.maxHold.nanoseconds.saturatingSubtract(waited), 0))
    }

    /// The moment before which a request provably makes no call, where there is one.
    func provablyClosed(_ slot: Int32) -> Int64? {
        let account = lanes[requests[slot].lane].account
        var end: Int64?
        if !mayBeFreed(account), case .until(let moment, _) = accounts[account].health.gate(at: clock.monotonic) {
            end = moment
        }
        if case .until(let moment, _) = accounts[account].health.gate(
            of: requests[slot].feature,
            at: clock.monotonic
        ) {
            end = max(end ?? .min, moment)
        }
        return end
    }

    /// The last of the moments before which requests of an account make no call.
    func latestOpening(of account: Int32) -> Int64? {
        let now = clock.monotonic
        var end: Int64?
        if !mayBeFreed(account), case .until(let moment, _) = accounts[account].health.gate(at: now) { end = moment }
        for hold in accounts[account].health.features.values where hold.until > now {
            end = max(end ?? .min, hold.until)
        }
        return end
    }
}
