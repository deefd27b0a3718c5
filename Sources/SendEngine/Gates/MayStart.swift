internal import InstagramMessaging

/// The answer of a gate: when a call may start, and what it waits for until then.
enum GateAnswer: Sendable, Hashable {
    case now
    /// From this moment on the monotonic clock.
    case at(Int64, WaitingReason)
    /// After an event.
    case later(WaitingReason)

    /// What is waited for; `ready` where nothing is.
    var reason: WaitingReason {
        switch self {
        case .now: .ready
        case .at(_, let reason), .later(let reason): reason
        }
    }

    func isLater(than other: GateAnswer) -> Bool {
        switch (self, other) {
        case (.now, _), (.later, .later), (.at, .later): false
        case (.at, .now), (.later, _): true
        case (.at(let own, _), .at(let others, _)): own > others
        }
    }
}

/// The one question: may a call start?
extension Gates {
    /// The calls that are asked about. A gate that is shut for all is shut for each; where a call waits depends on which gate
    /// it is that keeps it, so they are asked one level at a time.
    enum Question: Sendable {
        /// Any call of any account.
        ///
        /// - Parameter isInDoubt: Of a message that is in doubt already: it needs no more room.
        case any(isInDoubt: Bool = false)
        /// Any call of an account.
        case ofAccount(Int32)
        /// Any call of a class and for a feature of an account.
        case ofKind(RateClass, MessageFeature, account: Int32)
        /// Any call of a conversation.
        case ofConversation(Int32)
        /// A call that has had its turn at all of these, and has waited since.
        case again(Call)
    }

    /// Returns when a call may start, and what keeps it until then.
    func mayStart(_ question: Question, at now: Int64) -> GateAnswer {
        switch question {
        case .any(let isInDoubt): worker(hasTurn: false, isInDoubt: isInDoubt, at: now)
        case .ofAccount(let account): self.account(account, hasTurn: false, at: now)
        case .ofKind(let rateClass, let feature, let account):
            kind(rateClass, feature, of: account, hasTurn: false, at: now)
        case .ofConversation(let lane): conversation(lane, at: now)
        case .again(let call): again(call, at: now)
        }
    }

    /// Whether a check before a call may start. As many at once as there can be calls of media in a second, so that one
    /// account does not take them all.
    func mayPrepare(_ account: Int32) -> Bool { self[account].preparing < self[account].limits.media.limit }

    private func again(_ call: Call, at now: Int64) -> GateAnswer {
        for answer in [
            worker(hasTurn: true, isInDoubt: false, at: now), account(call.account, hasTurn: true, at: now),
            kind(call.rateClass, call.feature, of: call.account, hasTurn: true, at: now),
            conversation(call.lane, at: now),
        ] where answer != .now {
            return answer
        }
        return .now
    }

    // MARK: The levels

    /// - Parameter hasTurn: Whether it has had its turn at the pace that throttles leave.
    private func worker(hasTurn: Bool, isInDoubt: Bool, at now: Int64) -> GateAnswer {
        guard !isSuspended else { return .later(.suspended) }
        guard owns(at: now) else { return .later(.unproven) }
        let running = inFlight + awaitingMark
        guard running < max(settings.maxInFlight, 1) else { return .later(.maxInFlight) }
        let endpoint = graph.gate(at: now, running: running)
        guard endpoint == .now else { return endpoint }
        let valve = safety.gate(at: now, running: running)
        guard valve == .now else { return valve }
        if !hasTurn, let next = graph.pace.nextStart(at: now) { return .at(next, .applicationCooling) }
        if let room = workerWindow?.room(at: now), room != .now { return room.answer(of: .worker) }
        return isInDoubt || hasRoomForDoubt ? .now : .later(.maxInDoubt)
    }

    private func account(_ account: Int32, hasTurn: Bool, at now: Int64) -> GateAnswer {
        let health = self[account].health.gate(at: now)
        guard health == .now else { return health }
        if self[account].coldUntil > now { return .at(self[account].coldUntil, .coldStart) }
        let running = self[account].running
        if self[account].health.callsOneByOne, running > 0 { return .later(.probing) }
        if let allowance = self[account].allowance, running >= allowance { return .later(.probing) }
        if !hasTurn, let next = self[account].health.pace.nextStart(at: now) { return .at(next, .cooling) }
        return .now
    }

    private func kind(
        _ rateClass: RateClass,
        _ feature: MessageFeature,
        of account: Int32,
        hasTurn: Bool,
        at now: Int64
    ) -> GateAnswer {
        let held = self[account].health.gate(of: feature, at: now)
        guard held == .now else { return held }
        if self[account].health.isProbing(feature), self[account].features[feature] > 0 { return .later(.probing) }
        // A slower pace is one of turns.
        let steps = hasTurn ? 0 : self[account].health.paceSteps(at: now, settings.health)
        return self[account].limits.room(for: rateClass, at: now, paceSteps: steps)
    }

    private func conversation(_ lane: Int32, at now: Int64) -> GateAnswer {
        guard let gates = conversation(lane) else { return .now }
        if gates.closedUntil > now { return .at(gates.closedUntil, .conversationCooling) }
        return gates.window?.room(at: now).answer(of: .conversation) ?? .now
    }

    /// Whether one more message may come to be in doubt. Those that wait for their mark have their room already.
    var hasRoomForDoubt: Bool { inDoubt + awaitingMark < max(settings.maxInDoubt, 1) }
}

/// Whether the partitions are still this worker's own, as far as can be told.
///
/// A worker that was stopped or cut off for longer than the group's session time-out has lost its partitions and does not
/// know it yet. The group takes offsets from its members only, so a durable commit is the proof; it holds for the
/// lease. Under load every commit renews it; after a quiet time the first call waits for one more commit. A partition that
/// was just assigned waits for its own first commit besides.
extension Gates {
    func owns(at now: Int64) -> Bool { ownsUntil > now }

    /// Until when, in monotonic nanoseconds, the latest durable commit proves ownership.
    var ownsUntil: Int64 {
        settings.ownershipLease.map { provenAt.saturatingAdd($0.nanoseconds) } ?? .max
    }
}

/// How long gates that are shut have kept requests, and will.
extension Gates {
    /// Whether the valve's opening lets an account call that may not now.
    func mayBeFreed(_ account: Int32, at now: Int64) -> Bool {
        guard let since = safety.troubleSince else { return false }
        return self[account].health.wasGivenUp(since: since, at: now)
    }

    /// Returns how long what stops the clock of `retry.maxElapsed` has done so for requests of an account and a feature.
    func stoppedTime(of account: Int32, _ feature: MessageFeature, at now: Int64) -> Int64 {
        self[account].health.stopped.value(at: now)
            .saturatingAdd(self[account].health.heldTime(of: feature, at: now))
            .saturatingAdd(graph.stopped.value(at: now))
            .saturatingAdd(safety.stopped.value(at: now))
    }

    /// Returns how long that clock still stands at least; nil while nobody knows.
    func stoppedAhead(of account: Int32, _ feature: MessageFeature, at now: Int64) -> Int64? {
        guard !safety.isShut, let own = self[account].health.stopped.remaining(at: now) else { return nil }
        let held = self[account].health.remainingHold(of: feature, at: now)
        return max(own, held, graph.stopped.remaining(at: now) ?? 0)
    }

    /// Returns how long holds and dead tokens have kept an account, or a feature of it, from calling.
    func heldTime(of account: Int32, _ feature: MessageFeature, at now: Int64) -> Int64 {
        self[account].health.held.value(at: now).saturatingAdd(self[account].health.heldTime(of: feature, at: now))
    }

    /// Whether a hold or a dead token keeps an account, or a feature of it, from calling, with nothing that frees it.
    func isHeld(_ account: Int32, _ feature: MessageFeature, at now: Int64) -> Bool {
        guard !mayBeFreed(account, at: now) else { return false }
        return self[account].health.isParked || self[account].health.holdUntil > now
            || self[account].health.gate(of: feature, at: now) != .now
    }

    /// Returns the moment before which requests of an account and a feature provably make no call, where there is one.
    func opening(of account: Int32, _ feature: MessageFeature, at now: Int64) -> Int64? {
        var end: Int64?
        if !mayBeFreed(account, at: now), case .at(let moment, _) = self[account].health.gate(at: now) { end = moment }
        if case .at(let moment, _) = self[account].health.gate(of: feature, at: now) { end = max(end ?? .min, moment) }
        return end
    }

    /// Returns the last of the moments before which requests of an account make no call.
    func latestOpening(of account: Int32, at now: Int64) -> Int64? {
        var end: Int64?
        if !mayBeFreed(account, at: now), case .at(let moment, _) = self[account].health.gate(at: now) { end = moment }
        for hold in self[account].health.features.values where hold.until > now { end = max(end ?? .min, hold.until) }
        return end
    }

    /// Returns the error that keeps an account, or a feature of it, from calling.
    func blockingError(of account: Int32, _ feature: MessageFeature, at now: Int64) -> SendError? {
        if self[account].health.gate(at: now) != .now, let cause = self[account].health.cause(at: now) { return cause }
        guard self[account].health.gate(of: feature, at: now) != .now else { return nil }
        return self[account].health.features[feature]?.cause
    }

    /// Returns when nothing about an account has to be remembered any more.
    func forgettable(_ account: Int32) -> Int64 {
        max(
            self[account].limits.emptyAt ?? .min,
            self[account].health.forgettable(settings.health),
            self[account].namedApplicationWait,
            self[account].coldUntil
        )
    }
}
