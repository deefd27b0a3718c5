internal import InstagramMessaging

/// How long requests are tried, and how long they wait for holds to end: each on a clock of its own.
extension SendEngine {
    /// How long what stops the clock of `retry.maxElapsed` has done so, as far as a request is concerned.
    func stoppedTime(of slot: Int32) -> Int64 {
        let now = clock.monotonic
        let health = accounts[lanes[requests[slot].lane].account].health
        return health.stopped.value(at: now)
            .saturatingAdd(health.heldTime(of: requests[slot].feature, at: now))
            .saturatingAdd(graph.stopped.value(at: now))
            .saturatingAdd(safety.stopped.value(at: now))
    }

    /// How long holds and dead tokens have kept a request's account, or its feature, from calling.
    func heldTime(of slot: Int32) -> Int64 {
        let health = accounts[lanes[requests[slot].lane].account].health
        return health.held.value(at: clock.monotonic)
            .saturatingAdd(health.heldTime(of: requests[slot].feature, at: clock.monotonic))
    }

    /// When a request is given up; `never` where nothing known so far leads to that.
    func endOfTrying(_ slot: Int32) -> Int64 { min(endOfElapsed(slot), endOfHold(slot)) }

    /// When `retry.maxElapsed` is over for a request; `never` for one that was not called yet, and while nobody knows for
    /// how long its clock stands still.
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

    /// When `retry.maxHold` is over for a request that is held now and has no deadline; `never` for others.
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
