import Containers

/// Which accounts can go on now, which later, and which can be forgotten.
extension SendEngine {
    /// When an account can do something next, by itself, and what stands in its way.
    func wait(of slot: Int32) -> (room: SlidingWindow.Room, reason: WaitingReason) {
        let now = clock.monotonic
        switch accounts[slot].health.gate(at: now) {
        case .parked: return (.later, .tokenDead)
        case .until(let end, let reason): return (.at(end), reason)
        case .open: break
        }
        if accounts[slot].coldUntil > now { return (.at(accounts[slot].coldUntil), .coldStart) }
        let running = accounts[slot].inFlight + accounts[slot].reserved
        if accounts[slot].health.callsOneByOne, running > 0 { return (.later, .probing) }
        if let allowance = accounts[slot].allowance, running >= allowance { return (.later, .probing) }
        if let next = accounts[slot].health.pace.nextStart(at: now) { return (.at(next), .cooling) }
        var best: (room: SlidingWindow.Room, reason: WaitingReason)?
        for kind in AccountQueues.Kind.allCases where accounts[slot].queues.first(kind) != nil {
            let next = room(for: kind, of: slot)
            if best?.room.isLater(than: next.room) ?? true { best = next }
        }
        return best ?? (.later, accounts[slot].awaitingFirstCommit > 0 ? .unproven : .ready)
    }

    /// When a head in one of an account's queues can go, as far as the account's limits say.
    func room(for kind: AccountQueues.Kind, of slot: Int32) -> (room: SlidingWindow.Room, reason: WaitingReason) {
        guard let rateClass = kind.rateClass else {
            // As many checks at once as there can be calls in a second, so that one account does not take them all.
            let isFull = accounts[slot].preparing >= accounts[slot].limits.media.limit
            return (isFull ? .later : .now, .ready)
        }
        let now = clock.monotonic
        if case .until(let end, let reason) = accounts[slot].health.gate(of: kind.feature, at: now) {
            return (.at(end), reason)
        }
        if accounts[slot].health.isProbing(kind.feature), accounts[slot].features[kind.feature] > 0 {
            return (.later, .probing)
        }
        let steps = accounts[slot].health.paceSteps(at: now, settings.health)
        let (room, name) = accounts[slot].limits.room(for: rateClass, at: now, paceSteps: steps)
        return (room, room == .now ? .ready : .limit(name))
    }

    /// Puts an account where it belongs after something about it has changed.
    mutating func reconsider(_ slot: Int32) {
        guard accounts[slot].isLive, !accounts[slot].isInRing else { return }
        guard accounts[slot].requests > 0 else {
            retire(slot)
            return
        }
        let (room, reason) = wait(of: slot)
        setCondition(of: slot, to: Account.Condition(reason))
        noteLimit(of: slot, reason)
        switch room {
        case .now:
            dueAccounts.remove(slot)
            accounts[slot].isInRing = true
            ring.append(slot)
        case .at(let due): dueAccounts.set(slot, to: due)
        case .later: dueAccounts.remove(slot)
        }
    }

    /// Forgets an account without requests as soon as nothing about it has to be remembered.
    private mutating func retire(_ slot: Int32) {
        setCondition(of: slot, to: nil)
        guard accounts[slot].lanes == 0 else {
            dueAccounts.remove(slot)
            return
        }
        let end = max(
            accounts[slot].limits.emptyAt ?? .min,
            accounts[slot].health.forgettable(settings.health),
            accounts[slot].namedApplicationWait,
            accounts[slot].coldUntil
        )
        if end > clock.monotonic {
            dueAccounts.set(slot, to: end)
        } else {
            dueAccounts.remove(slot)
            if accounts[slot].hasMemory { noteMemory(of: slot) }
            accountSlots[accounts[slot].id] = nil
            accounts.remove(slot)
        }
    }

    private mutating func setCondition(of slot: Int32, to condition: Account.Condition?) {
        let old = accounts[slot].condition
        guard old != condition else { return }
        accounts[slot].condition = condition
        if let old { gauges.accounts[keyPath: old.gauge] -= 1 }
        if let condition { gauges.accounts[keyPath: condition.gauge] += 1 }
    }

    /// Counts each time that an account begins to wait for a limit.
    private mutating func noteLimit(of slot: Int32, _ reason: WaitingReason) {
        let limit: LimitName? = if case .limit(let name) = reason { name } else { nil }
        guard accounts[slot].waitsFor != limit else { return }
        accounts[slot].waitsFor = limit
        if let limit { gauges.limitWaits[limit] += 1 }
    }

    /// Accounts that have requests.
    var activeAccounts: Int {
        let counts = gauges.accounts
        return counts.ready + counts.limited + counts.cooling + counts.held + counts.stopped + counts.parked
    }
}

extension Account.Condition {
    init(_ reason: WaitingReason) {
        self =
            switch reason {
            case .ready, .probing, .answersUnknown, .conversationCooling, .applicationCooling, .endpointDown,
                .safetyValve,
                .startingSlowly, .maxInFlight, .maxInDoubt, .suspended, .unproven:
                .ready
            case .limit, .coldStart: .limited
            case .cooling: .cooling
            case .held, .featureHeld: .held
            case .stopped: .stopped
            case .tokenDead: .parked
            }
    }

    var gauge: WritableKeyPath<EngineCensus.Accounts, Int> {
        switch self {
        case .ready: \.ready
        case .limited: \.limited
        case .cooling: \.cooling
        case .held: \.held
        case .stopped: \.stopped
        case .parked: \.parked
        }
    }
}
