internal import InstagramMessaging

/// Looking in from the outside; nothing changes.
extension SendEngine {
    /// Counts of what the engine holds, at no cost.
    package var census: EngineCensus {
        var census = gauges
        census.waiting = requests.count - (gauges.inFlight - orphans.count)
        census.finished = commits.count
        census.partitions = partitions.count
        census.accounts.total = accounts.count
        census.endpoint = graph.isDown ? .down : graph.allowance == nil ? .up : .recovering
        census.safety = safetyCensus
        census.isApplicationCooling = graph.coolUntil > clock.monotonic
        return census
    }

    private var safetyCensus: EngineCensus.Safety {
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

    /// Why an account waits; nil for an account that the engine has nothing to remember of.
    ///
    /// - Parameter now: Shown times are on this clock; nothing happens before the next event.
    package func explain(account id: String, now: EngineTime) -> AccountExplanation? {
        accountSlots[id].map { explanation(of: $0) }
    }

    /// Where a request stands; nil for one that has ended or is not known.
    package func explain(_ id: RecordID, now: EngineTime) -> RequestExplanation? {
        guard let slot = slot(of: id) else { return nil }
        let request = requests[slot]
        return RequestExplanation(
            id: id,
            stage: stage(of: slot),
            ahead: requestsAhead(of: slot),
            attempts: Int(request.attempts),
            mayBeDelivered: request.mayBeDelivered,
            lastError: lastErrors[slot],
            deadline: request.deadline == .never ? nil : Timestamp(millisecondsSinceEpoch: request.deadline),
            account: explanation(of: lanes[request.lane].account)
        )
    }

    private func requestsAhead(of slot: Int32) -> Int {
        var count = 0
        var ahead = requests[slot].previous
        while ahead >= 0 {
            count += 1
            ahead = requests[ahead].previous
        }
        return count
    }

    func explanation(of slot: Int32) -> AccountExplanation {
        let (room, reason) = effectiveWait(of: slot)
        let due: Int64? = if case .at(let moment) = room { moment } else { nil }
        return AccountExplanation(
            accountID: accounts[slot].id,
            reason: reason,
            nextDue: due,
            cause: cause(of: reason, slot),
            heldFeatures: heldFeatures(of: slot),
            paceSteps: accounts[slot].health.paceSteps(at: clock.monotonic, settings.health),
            callsPerSecond: accounts[slot].health.pace.pace,
            waiting: accounts[slot].requests,
            conversations: accounts[slot].lanes,
            inFlight: accounts[slot].inFlight,
            head: headInTurn(of: slot).map { recordID(of: $0) }
        )
    }

    /// What an account waits for, what concerns all accounts included.
    private func effectiveWait(of slot: Int32) -> (room: SlidingWindow.Room, reason: WaitingReason) {
        let own = wait(of: slot)
        let all = roomForCalls
        guard own.room == .now, all.room != .now else { return own }
        return all
    }

    private func cause(of reason: WaitingReason, _ slot: Int32) -> SendError? {
        switch reason {
        case .featureHeld(let feature): accounts[slot].health.features[feature]?.cause
        case .cooling: accounts[slot].health.coolCause
        case .held, .stopped, .tokenDead, .probing, .answersUnknown: accounts[slot].health.cause(at: clock.monotonic)
        case .applicationCooling: graph.coolCause
        case .safetyValve: safety.cause?.error
        case .ready, .limit, .coldStart, .conversationCooling, .endpointDown, .startingSlowly, .maxInFlight,
            .maxInDoubt, .suspended, .unproven:
            nil
        }
    }

    private func heldFeatures(of slot: Int32) -> [FeatureHoldExplanation] {
        MessageFeature.allCases.compactMap { feature in
            guard let hold = accounts[slot].health.features[feature], hold.count > 0 else { return nil }
            return FeatureHoldExplanation(feature: feature, until: hold.until, count: hold.count, cause: hold.cause)
        }
    }

    /// The head that is next in turn, whether it can go or not.
    private func headInTurn(of slot: Int32) -> Int32? {
        if let next = nextLane(of: slot) { return lanes[next.lane].head }
        let firsts = AccountQueues.Kind.allCases.compactMap { accounts[slot].queues.first($0) }
        return firsts.min { lanes[$0].ticket < lanes[$1].ticket }.map { lanes[$0].head }
    }

    private func stage(of slot: Int32) -> RequestExplanation.Stage {
        let lane = requests[slot].lane
        if requests[slot].previous >= 0 { return .behind(recordID(of: lanes[lane].head)) }
        if partitions[requests[slot].partition]?.isDraining == true, lanes[lane].stage != .calling { return .draining }
        switch lanes[lane].stage {
        case .empty, .queued: return .ready
        case .delayed: return .delayed(until: dueLanes.time(of: lane) ?? clock.monotonic)
        case .preparing: return .preparing
        case .awaitingFirstCommit: return .awaitingFirstCommit
        case .marking: return .awaitingMark
        case .calling: return .inFlight
        case .frozen: return .draining
        }
    }
}
