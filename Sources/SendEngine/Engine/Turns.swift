internal import InstagramMessaging

/// Where accounts and conversations wait: for their turn, for a time, or for an event.
extension SendEngine {
    /// Returns when an account can do something next, by itself, and what stands in its way.
    func wait(of account: Int32) -> GateAnswer {
        let own = gates.mayStart(.ofAccount(account), at: clock.monotonic)
        guard own == .now else { return own }
        var best: GateAnswer?
        for kind in AccountQueues.Kind.allCases where conversations.accounts[account].queues.first(kind) != nil {
            let next = wait(of: account, kind)
            if best?.isLater(than: next) ?? true { best = next }
        }
        let isUnproven = conversations.accounts[account].awaitingFirstCommit > 0
        return best ?? .later(isUnproven ? .unproven : .ready)
    }

    /// Returns when a head in one of an account's queues can go, as far as the account's limits say.
    func wait(of account: Int32, _ kind: AccountQueues.Kind) -> GateAnswer {
        guard let rateClass = kind.rateClass else { return gates.mayPrepare(account) ? .now : .later(.ready) }
        return gates.mayStart(.ofKind(rateClass, kind.feature, account: account), at: clock.monotonic)
    }

    /// The lane of an account that has waited longest among those that can go.
    func nextLane(of account: Int32) -> (lane: Int32, kind: AccountQueues.Kind)? {
        var best: (lane: Int32, kind: AccountQueues.Kind)?
        for kind in AccountQueues.Kind.allCases {
            guard let lane = conversations.accounts[account].queues.first(kind), wait(of: account, kind) == .now else {
                continue
            }
            if let best, conversations.lanes[best.lane].ticket < conversations.lanes[lane].ticket { continue }
            best = (lane, kind)
        }
        return best
    }

    /// Puts an account where it belongs after something about it has changed.
    mutating func reconsider(_ account: Int32) {
        guard conversations.accounts[account].isLive, !conversations.accounts[account].isInRing else { return }
        guard conversations.accounts[account].requests > 0 else {
            retire(account)
            return
        }
        let answer = wait(of: account)
        conversations.setCondition(of: account, to: Account.Condition(answer.reason))
        noteLimit(of: account, answer.reason)
        switch answer {
        case .now: conversations.enqueue(account: account)
        case .at(let due, _): conversations.delay(account: account, until: due)
        case .later: conversations.clearDue(account: account)
        }
    }

    /// Forgets an account without requests as soon as nothing about it has to be remembered.
    private mutating func retire(_ account: Int32) {
        conversations.setCondition(of: account, to: nil)
        guard conversations.accounts[account].lanes == 0 else {
            conversations.clearDue(account: account)
            return
        }
        let end = gates.forgettable(account)
        if end > clock.monotonic {
            conversations.delay(account: account, until: end)
        } else {
            if conversations.accounts[account].hasMemory { noteMemory(of: account) }
            conversations.removeAccount(account)
            gates.removeAccount(account)
        }
    }

    /// Counts each time that an account begins to wait for a limit.
    private mutating func noteLimit(of account: Int32, _ reason: WaitingReason) {
        let limit: LimitName? = if case .limit(let name) = reason { name } else { nil }
        if conversations.setLimit(of: account, to: limit), let limit { totals.limitWaits[limit] += 1 }
    }

    /// Has the next commit write what is to be remembered of an account.
    mutating func noteMemory(of account: Int32) {
        guard conversations.accounts[account].isLive else { return }
        let (id, partition) = (conversations.accounts[account].id, conversations.accounts[account].partition)
        book.note(account: id, in: partition)
    }

    // MARK: Conversations

    mutating func account(named id: String) -> Int32 {
        if let account = conversations.account(named: id) { return account }
        let account = conversations.addAccount(id)
        gates.addAccount(account, id: id)
        return account
    }

    mutating func lane(of conversation: String, account: Int32) -> Int32 {
        if let lane = conversations.lane(of: conversation, account: account) { return lane }
        let lane = conversations.addLane(of: conversation, account: account)
        gates.addConversation(lane, of: account)
        return lane
    }

    /// Lets a lane's head wait for its turn, from a moment on; a lane without a head is dropped, or kept only for as
    /// long as its own limit must be remembered.
    mutating func presentHead(of lane: Int32, from due: Int64 = .min) {
        let head = conversations.lanes[lane].head
        let account = conversations.lanes[lane].account
        guard head >= 0 else {
            if let end = gates.conversation(lane)?.window?.emptyAt, end > clock.monotonic {
                conversations.delay(lane: lane, until: end)
            } else {
                conversations.removeLane(lane)
                gates.removeConversation(lane)
            }
            reconsider(account)
            return
        }
        let due = max(due, gates.conversation(lane)?.closedUntil ?? .min)
        switch book.phase(of: conversations.requests[head].partition) {
        case .draining: conversations.setStage(of: lane, to: .frozen)
        case .awaitingFirstCommit: conversations.awaitFirstCommit(lane)
        case .open where due > clock.monotonic: conversations.delay(lane: lane, until: due)
        case .open: conversations.enqueue(lane: lane)
        }
        reconsider(account)
    }

    /// Takes a lane's head out of whatever it is doing.
    mutating func leaveStage(_ lane: Int32) {
        let head = conversations.lanes[lane].head
        switch conversations.lanes[lane].stage {
        case .empty, .frozen, .awaitingFirstCommit, .queued, .delayed: break
        case .preparing: gates.endPreparing(conversations.lanes[lane].account)
        case .marking:
            gates.giveBack(call(of: head))
            conversations.markLeavesCommit(head)
        case .calling:
            gates.detach(call(of: head))
            book.callLeaves(conversations.requests[head].partition)
        }
        conversations.leaveStage(lane)
    }

    /// Forgets a request that has ended or whose partition is gone, and lets the next of its lane come.
    mutating func discard(_ slot: Int32) {
        let lane = conversations.requests[slot].lane
        let account = conversations.lanes[lane].account
        let wasHead = conversations.lanes[lane].head == slot
        if wasHead { leaveStage(lane) }
        conversations.remove(slot)
        if wasHead { presentHead(of: lane) } else { reconsider(account) }
    }
}

/// Other limits while the engine runs.
extension SendEngine {
    /// Changes the rate limits of all accounts from now on, exactly: calls that were made before count against the new
    /// limits for as long as they counted against the old ones.
    ///
    /// After a limit is lowered no call starts that would be more than the new limit allows in any window that it falls
    /// into; that also holds for calls that only wait for their mark. After one is raised, accounts that wait for it go
    /// on with the next actions. The limits of conversations of accounts that are known already stay as they are.
    ///
    /// - Parameters:
    ///   - limits: Those of every account that has none of its own.
    ///   - accountLimits: Those of single accounts; each replaces `limits` as a whole. An account that is not named any
    ///     more has the general ones from now on.
    package mutating func changeLimits(
        _ limits: EngineSettings.LimitSettings,
        accountLimits: [String: EngineSettings.LimitSettings],
        now: EngineTime
    ) {
        observe(now)
        gates.changeLimits(limits, accounts: accountLimits)
        for account in conversations.allAccounts {
            gates.renewLimits(of: account)
            reconsider(account)
        }
    }
}
