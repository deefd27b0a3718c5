import Containers
package import InstagramMessaging

/// The choice of whose turn it is.
extension SendEngine {
    /// Returns what the shell has to do now, in this order.
    package mutating func takeActions() -> [EngineAction] {
        runTimers()
        callMarked()
        searchProbe()
        dispatch()
        defer { actions = [] }
        return actions
    }

    /// Whether one more call may start at all, over all accounts.
    var roomForCalls: (room: SlidingWindow.Room, reason: WaitingReason) {
        let resend = roomForResends
        return resend.room == .now && !hasRoomForDoubt ? (.later, .maxInDoubt) : resend
    }

    /// The same for the resend of a message that is in doubt already.
    private var roomForResends: (room: SlidingWindow.Room, reason: WaitingReason) {
        guard !isSuspended else { return (.later, .suspended) }
        guard ownsForSure else { return (.later, .unproven) }
        let running = gauges.inFlight + gauges.awaitingMark
        guard running < max(settings.maxInFlight, 1) else { return (.later, .maxInFlight) }
        switch graph.gate(at: clock.monotonic, running: running) {
        case .open: break
        case .until(let end, let reason): return (.at(end), reason)
        case .later(let reason): return (.later, reason)
        }
        switch safety.gate(at: clock.monotonic, running: running) {
        case .open: break
        case .until(let end, let reason): return (.at(end), reason)
        case .later(let reason): return (.later, reason)
        }
        if let next = graph.pace.nextStart(at: clock.monotonic) { return (.at(next), .applicationCooling) }
        guard let room = workerWindow?.room(at: clock.monotonic), room != .now else { return (.now, .ready) }
        return (room, .limit(.worker))
    }

    /// Lets accounts that can go on take turns, one step each, as long as calls may start.
    private mutating func dispatch() {
        while let first = ring.first {
            if !ownsForSure { askForProof(of: first) }
            guard hasRoomForCall(), let slot = takeTurn() else { break }
            // Still counts as being in the ring meanwhile, so that it is neither queued twice nor forgotten.
            serve(slot)
            accounts[slot].isInRing = false
            reconsider(slot)
        }
        if !resends.isEmpty, !hasRoomForDoubt, !safety.isShut { dispatchResends() }
    }

    /// While as many messages are in doubt as may be, those among them can still be sent again.
    private mutating func dispatchResends() {
        for lane in resends.sorted(by: { lanes[$0].ticket < lanes[$1].ticket }) {
            guard roomForResends.room == .now else { return }
            let account = lanes[lane].account
            guard case .queued(let kind) = lanes[lane].stage, wait(of: account).room == .now,
                room(for: kind, of: account).room == .now
            else { continue }
            serve(lane, kind)
            reconsider(account)
        }
    }

    /// Whether one more call may start; counts how often calls begin to wait for the worker's own limit.
    private mutating func hasRoomForCall() -> Bool {
        let (room, reason) = roomForCalls
        let isLimited = reason == .limit(.worker)
        if isLimited, !isWorkerLimited { gauges.limitWaits[.worker] += 1 }
        isWorkerLimited = isLimited
        return room == .now
    }

    /// One step for the lane of the account that has waited longest among those that can go.
    private mutating func serve(_ slot: Int32) {
        guard wait(of: slot).room == .now, let (lane, kind) = nextLane(of: slot) else { return }
        serve(lane, kind)
    }

    private mutating func serve(_ lane: Int32, _ kind: AccountQueues.Kind) {
        let head = lanes[lane].head
        leaveStage(lane)
        if partitions[requests[head].partition]?.isDraining ?? true {
            lanes[lane].stage = .frozen
        } else if requests[head].deadline <= clock.wall.millisecondsSinceEpoch {
            endLate(head)
        } else if kind == .preparation {
            prepare(head, of: lane)
        } else if case .at(let due) = lanes[lane].window?.room(at: clock.monotonic) {
            gauges.limitWaits[.conversation] += 1
            presentHead(of: lane, from: due)
        } else if settings.startedMarksAreDurable, requests[head].waitsForCommit {
            reserve(head, of: lane)
        } else {
            takeTurn(of: lanes[lane].account)
            start(head, of: lane)
        }
    }

    /// A call of an account has its turn, at whatever pace it and the application may go.
    private mutating func takeTurn(of account: Int32) {
        accounts[account].health.pace.started(at: clock.monotonic)
        graph.takesTurn(accounts[account].id, at: clock.monotonic)
    }

    func nextLane(of slot: Int32) -> (lane: Int32, kind: AccountQueues.Kind)? {
        var best: (lane: Int32, kind: AccountQueues.Kind)?
        for kind in AccountQueues.Kind.allCases {
            guard let lane = accounts[slot].queues.first(kind), room(for: kind, of: slot).room == .now else { continue }
            if let best, lanes[best.lane].ticket < lanes[lane].ticket { continue }
            best = (lane, kind)
        }
        return best
    }

    private mutating func prepare(_ head: Int32, of lane: Int32) {
        lanes[lane].stage = .preparing
        accounts[lanes[lane].account].preparing += 1
        gauges.preparing += 1
        actions.append(.prepare(recordID(of: head)))
    }

    /// The check before a request's first call is over.
    ///
    /// - Parameter refusal: Why the request must not be sent; nil where nothing speaks against it.
    package mutating func preparationEnded(_ id: RecordID, refusal: SendError?, now: EngineTime) {
        observe(now)
        guard let slot = slot(of: id), lanes[requests[slot].lane].head == slot,
            lanes[requests[slot].lane].stage == .preparing
        else { return }
        if let refusal {
            end(slot, .rejected(refusal))
        } else {
            let lane = requests[slot].lane
            requests[slot].flags.remove(.needsPreparation)
            leaveStage(lane)
            presentHead(of: lane)
        }
    }

    // MARK: Calls

    /// Takes the request's places in its limits and has the next commit say that it is started, and that its hourly limit
    /// is used; it is called once that is durable.
    private mutating func reserve(_ head: Int32, of lane: Int32) {
        let request = requests[head]
        let account = lanes[lane].account
        accounts[account].limits.change(request.rateClass) { $0.reserve() }
        accounts[account].reserved += 1
        accounts[account].features[request.feature] += 1
        takeTurn(of: account)
        lanes[lane].window?.reserve()
        workerWindow?.reserve()
        gauges.awaitingMark += 1
        lanes[lane].stage = .marking
        graph.starting(recordID(of: head))
        safety.starting(recordID(of: head))
        if request.needsMark { partitions[request.partition]?.ledger.markStarted(request.offset, again: false) }
        if request.rateClass == .privateReplies { noteMemory(of: account) }
        partitions[request.partition]?.wantedMarks.append(request.offset)
        commits.note(request.partition)
    }

    /// Undoes what `reserve` took.
    mutating func giveBack(_ head: Int32, of lane: Int32) {
        let account = lanes[lane].account
        accounts[account].limits.change(requests[head].rateClass) { $0.giveBack() }
        accounts[account].reserved -= 1
        accounts[account].features[requests[head].feature] -= 1
        lanes[lane].window?.giveBack()
        workerWindow?.giveBack()
        gauges.awaitingMark -= 1
        graph.givenUp(recordID(of: head))
        safety.givenUp(recordID(of: head))
        requests[head].flags.remove(.markIsInCommit)
    }

    private mutating func callMarked() {
        for id in marked {
            guard let slot = slot(of: id), requests[slot].flags.contains(.markIsInCommit) else { continue }
            callMarked(slot)
        }
        marked = []
    }

    /// A request whose mark is durable is called now, unless something has come in between.
    private mutating func callMarked(_ slot: Int32) {
        let lane = requests[slot].lane
        let account = lanes[lane].account
        leaveStage(lane)
        let running = gauges.inFlight + gauges.awaitingMark
        let isOpen =
            ownsForSure
            && accounts[account].health.gate(at: clock.monotonic) == .open
            && accounts[account].health.gate(of: requests[slot].feature, at: clock.monotonic) == .open
            && accounts[account].coldUntil <= clock.monotonic
            && hasRoom(for: slot, of: account)
            && graph.gate(at: clock.monotonic, running: running) == .open
            && safety.gate(at: clock.monotonic, running: running) == .open
            && !(partitions[requests[slot].partition]?.isDraining ?? true)
            && requests[slot].deadline > clock.wall.millisecondsSinceEpoch
        if isOpen {
            start(slot, of: lane)
            reconsider(account)
        } else {
            clearMark(slot)
            presentHead(of: lane)
        }
    }

    /// Whether the account's limits have a place for a call whose reserved one was just given back. They always do,
    /// unless they were lowered meanwhile.
    private func hasRoom(for slot: Int32, of account: Int32) -> Bool {
        let (room, _) = accounts[account].limits.room(
            for: requests[slot].rateClass,
            at: clock.monotonic,
            paceSteps: 0
        )
        return room == .now
    }

    /// Takes back the wish to call a request whose mark is not durable.
    mutating func unmark(_ slot: Int32) {
        let lane = requests[slot].lane
        guard lanes[lane].head == slot, lanes[lane].stage == .marking else { return }
        leaveStage(lane)
        clearMark(slot)
        presentHead(of: lane)
    }

    /// The next snapshot no longer says that a request is started: it is known not to be delivered.
    mutating func clearMark(_ slot: Int32) {
        let partition = requests[slot].partition
        if !requests[slot].mayBeDelivered { partitions[partition]?.ledger.unmarkStarted(requests[slot].offset) }
        if requests[slot].needsMark, settings.startedMarksAreDurable { commits.note(partition) }
        if requests[slot].rateClass == .privateReplies { noteMemory(of: lanes[requests[slot].lane].account) }
    }

    private mutating func start(_ head: Int32, of lane: Int32) {
        let now = clock.monotonic
        let account = lanes[lane].account
        let id = recordID(of: head)
        takeSlots(for: head, of: lane)
        requests[head].attempts += 1
        requests[head].callStartedAt = now
        requests[head].tokenGeneration = accounts[account].tokenGeneration
        if requests[head].firstCallAt == .never {
            requests[head].firstCallAt = now
            requests[head].stoppedBefore = stoppedTime(of: head)
            budget.firstCall()
        }
        if requests[head].mayBeDelivered { requests[head].flags.insert(.resentAfterUnknown) }
        deadlines.remove(head)
        ends.remove(head)
        lanes[lane].stage = .calling
        enterDoubt(head)
        accounts[account].inFlight += 1
        accounts[account].features[requests[head].feature] += 1
        gauges.inFlight += 1
        graph.starting(id)
        safety.starting(id)
        partitions[id.partition]?.inFlight += 1
        if !requests[head].flags.contains(.idempotent) {
            let again = requests[head].flags.contains(.resentAfterUnknown)
            partitions[id.partition]?.ledger.markStarted(id.offset, again: again)
        }
        actions.append(.call(id, attempt: Int(requests[head].attempts)))
    }

    private mutating func takeSlots(for head: Int32, of lane: Int32) {
        let now = clock.monotonic
        accounts[lanes[lane].account].limits.change(requests[head].rateClass) { $0.start(at: now) }
        lanes[lane].window?.start(at: now)
        workerWindow?.start(at: now)
    }
}
