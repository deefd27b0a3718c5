internal import InstagramMessaging

/// Looking in from the outside; nothing changes.
extension SendEngine {
    /// Counts of what the engine holds, at no cost.
    package var census: EngineCensus {
        var census = EngineCensus()
        census.waiting = conversations.requests.count - (gates.inFlight - book.orphanCount)
        census.inFlight = gates.inFlight
        census.inDoubt = gates.inDoubt
        census.preparing = gates.preparing
        census.awaitingMark = gates.awaitingMark
        census.finished = book.commits.count
        census.partitions = book.partitionCount
        census.pausedPartitions = book.paused
        census.accounts = conversations.conditions
        census.accounts.total = conversations.accounts.count
        census.endpoint = gates.graph.isDown ? .down : gates.graph.allowance == nil ? .up : .recovering
        census.safety = safetyCensus
        census.isApplicationCooling = gates.graph.coolUntil > clock.monotonic
        census.totals = totals
        return census
    }

    private var safetyCensus: EngineCensus.Safety {
        let safety = gates.safety
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
        conversations.account(named: id).map { explanation(of: $0) }
    }

    /// Returns where a request stands; nil for one that has ended or is not known.
    package func explain(_ id: RecordID, now: EngineTime) -> RequestExplanation? {
        guard let slot = book.slot(of: id) else { return nil }
        let request = conversations.requests[slot]
        return RequestExplanation(
            id: id,
            stage: stage(of: slot),
            ahead: requestsAhead(of: slot),
            attempts: Int(request.attempts),
            mayBeDelivered: request.mayBeDelivered,
            lastError: conversations.lastErrors[slot],
            deadline: request.deadline == .never ? nil : Timestamp(millisecondsSinceEpoch: request.deadline),
            account: explanation(of: account(of: slot))
        )
    }

    private func requestsAhead(of slot: Int32) -> Int {
        var count = 0
        var ahead = conversations.requests[slot].previous
        while ahead >= 0 {
            count += 1
            ahead = conversations.requests[ahead].previous
        }
        return count
    }

    func explanation(of slot: Int32) -> AccountExplanation {
        let answer = effectiveWait(of: slot)
        let due: Int64? = if case .at(let moment, _) = answer { moment } else { nil }
        return AccountExplanation(
            accountID: conversations.accounts[slot].id,
            reason: answer.reason,
            nextDue: due,
            cause: cause(of: answer.reason, slot),
            heldFeatures: heldFeatures(of: slot),
            paceSteps: gates[slot].health.paceSteps(at: clock.monotonic, settings.health),
            callsPerSecond: gates[slot].health.pace.pace,
            waiting: conversations.accounts[slot].requests,
            conversations: conversations.accounts[slot].lanes,
            inFlight: gates[slot].inFlight,
            head: headInTurn(of: slot).map { recordID(of: $0) }
        )
    }

    /// Returns what an account waits for, what concerns all accounts included.
    private func effectiveWait(of slot: Int32) -> GateAnswer {
        let own = wait(of: slot)
        return own == .now ? gates.mayStart(.any(), at: clock.monotonic) : own
    }

    private func cause(of reason: WaitingReason, _ slot: Int32) -> SendError? {
        switch reason {
        case .featureHeld(let feature): gates[slot].health.features[feature]?.cause
        case .cooling: gates[slot].health.coolCause
        case .held, .stopped, .tokenDead, .probing, .answersUnknown: gates[slot].health.cause(at: clock.monotonic)
        case .applicationCooling: gates.graph.coolCause
        case .safetyValve: gates.safety.cause?.error
        case .ready, .limit, .coldStart, .conversationCooling, .endpointDown, .startingSlowly, .maxInFlight,
            .maxInDoubt, .suspended, .unproven:
            nil
        }
    }

    private func heldFeatures(of slot: Int32) -> [FeatureHoldExplanation] {
        MessageFeature.allCases.compactMap { feature in
            guard let hold = gates[slot].health.features[feature], hold.count > 0 else { return nil }
            return FeatureHoldExplanation(feature: feature, until: hold.until, count: hold.count, cause: hold.cause)
        }
    }

    /// The head that is next in turn, whether it can go or not.
    private func headInTurn(of slot: Int32) -> Int32? {
        if let next = nextLane(of: slot) { return conversations.lanes[next.lane].head }
        let firsts = AccountQueues.Kind.allCases.compactMap { conversations.accounts[slot].queues.first($0) }
        return firsts.min { conversations.lanes[$0].ticket < conversations.lanes[$1].ticket }
            .map { conversations.lanes[$0].head }
    }

    private func stage(of slot: Int32) -> RequestExplanation.Stage {
        let request = conversations.requests[slot]
        let lane = conversations.lanes[request.lane]
        if request.previous >= 0 { return .behind(recordID(of: lane.head)) }
        if book.isDraining(request.partition), lane.stage != .calling { return .draining }
        switch lane.stage {
        case .empty, .queued: return .ready
        case .delayed: return .delayed(until: conversations.due(lane: request.lane) ?? clock.monotonic)
        case .preparing: return .preparing
        case .awaitingFirstCommit: return .awaitingFirstCommit
        case .marking: return .awaitingMark
        case .calling: return .inFlight
        case .frozen: return .draining
        }
    }
}

/// The accounts that wait, for people who look on.
extension SendEngine {
    /// Of accounts that wait for a limit, or for what all accounts wait for, at most so many push out others.
    private static let placesForPassingWaits = 10

    /// The accounts that wait with requests: first those that Graph stopped, those with the most requests first, then
    /// those that wait for a rate limit or for what concerns all accounts.
    ///
    /// Looks at every account, so the answer is to be kept for a while.
    ///
    /// - Parameter limit: The most accounts given.
    package func waitingAccounts(limit: Int) -> [AccountExplanation] {
        guard limit > 0 else { return [] }
        let isGateShut = gates.mayStart(.any(), at: clock.monotonic) != .now
        var stopped = LargestCounts(limit: limit)
        var passing = LargestCounts(limit: limit)
        for slot in 0..<conversations.accounts.places where conversations.accounts[slot].requests > 0 {
            let count = conversations.accounts[slot].requests
            switch conversations.accounts[slot].condition {
            case .cooling, .held, .stopped, .parked: stopped.offer(slot, count: count)
            case .limited: passing.offer(slot, count: count)
            case .ready, nil:
                let calls = gates[slot].running
                if gates[slot].health.callsOneByOne, calls > 0 {
                    stopped.offer(slot, count: count)
                } else if isGateShut || conversations.accounts[slot].awaitingFirstCommit > 0, count > calls {
                    passing.offer(slot, count: count)
                }
            }
        }
        let reserved = min(passing.slots.count, limit, Self.placesForPassingWaits)
        let first = stopped.slots.prefix(limit - reserved)
        // What has become free since its condition was noted waits no longer.
        return (first + passing.slots.prefix(limit - first.count))
            .map { explanation(of: $0) }
            .filter { $0.reason != .ready }
    }

    /// Returns how one partition stands; nil for one that is not assigned.
    package func explain(partition number: Int32) -> PartitionExplanation? {
        book[number].map { partition in
            PartitionExplanation(
                outstanding: partition.outstanding,
                inFlight: partition.inFlight,
                isPaused: partition.isPaused,
                isDraining: partition.isDraining
            )
        }
    }
}

/// The facts that the engine knows of one partition.
package struct PartitionExplanation: Sendable, Hashable {
    /// Records read and not durably finished.
    package var outstanding: Int
    package var inFlight: Int
    /// Not fetched because enough of it is outstanding.
    package var isPaused: Bool
    /// Being given up: nothing new starts.
    package var isDraining: Bool
}

/// The few slots with the largest counts among many.
private struct LargestCounts {
    let limit: Int
    private var entries: [(count: Int, slot: Int32)] = []
    private var smallest = 0

    init(limit: Int) {
        self.limit = limit
        entries.reserveCapacity(limit)
    }

    mutating func offer(_ slot: Int32, count: Int) {
        if entries.count < limit {
            entries.append((count, slot))
        } else if count > entries[smallest].count {
            entries[smallest] = (count, slot)
        } else {
            return
        }
        if entries.count == limit {
            smallest = entries.indices.min { entries[$0].count < entries[$1].count } ?? 0
        }
    }

    /// The slots, those with the largest counts first.
    var slots: [Int32] {
        entries.sorted { ($0.count, $1.slot) > ($1.count, $0.slot) }.map(\.slot)
    }
}
