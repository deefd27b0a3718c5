package import InstagramMessaging

/// The choice of whose turn it is, and the start of calls.
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

    /// Lets accounts that can go on take turns, one step each, as long as calls may start.
    private mutating func dispatch() {
        while let first = conversations.ring.first {
            if !gates.owns(at: clock.monotonic) { askForProof(of: first) }
            guard mayCall(), let account = nextTurn() else { break }
            serve(account)
            conversations.endTurn(of: account)
            reconsider(account)
        }
        if !conversations.resends.isEmpty, !gates.hasRoomForDoubt, !gates.safety.isShut { dispatchResends() }
    }

    /// While as many messages are in doubt as may be, those among them can still be sent again.
    private mutating func dispatchResends() {
        let lanes = conversations.resends.sorted { conversations.lanes[$0].ticket < conversations.lanes[$1].ticket }
        for lane in lanes {
            guard gates.mayStart(.any(isInDoubt: true), at: clock.monotonic) == .now else { return }
            let account = conversations.lanes[lane].account
            guard case .queued(let kind) = conversations.lanes[lane].stage, wait(of: account) == .now,
                wait(of: account, kind) == .now
            else { continue }
            serve(lane, kind)
            reconsider(account)
        }
    }

    /// Whether one more call may start; counts how often calls begin to wait for the worker's own limit.
    private mutating func mayCall() -> Bool {
        let answer = gates.mayStart(.any(), at: clock.monotonic)
        let isLimited = answer.reason == .limit(.worker)
        if isLimited, !isWorkerLimited { totals.limitWaits[.worker] += 1 }
        isWorkerLimited = isLimited
        return answer == .now
    }

    /// One step for the lane of the account that has waited longest among those that can go.
    private mutating func serve(_ account: Int32) {
        guard wait(of: account) == .now, let (lane, kind) = nextLane(of: account) else { return }
        serve(lane, kind)
    }

    private mutating func serve(_ lane: Int32, _ kind: AccountQueues.Kind) {
        let head = conversations.lanes[lane].head
        leaveStage(lane)
        if book.isDraining(conversations.requests[head].partition) {
            conversations.setStage(of: lane, to: .frozen)
        } else if conversations.requests[head].deadline <= clock.wall.millisecondsSinceEpoch {
            endLate(head)
        } else if kind == .preparation {
            prepare(head, of: lane)
        } else if case .at(let due, let reason) = gates.mayStart(.ofConversation(lane), at: clock.monotonic) {
            if reason == .limit(.conversation) { totals.limitWaits[.conversation] += 1 }
            presentHead(of: lane, from: due)
        } else if settings.startedMarksAreDurable, conversations.requests[head].waitsForCommit {
            reserve(head, of: lane)
        } else {
            gates.takeTurn(of: conversations.lanes[lane].account, at: clock.monotonic)
            start(head)
        }
    }

    private mutating func prepare(_ head: Int32, of lane: Int32) {
        conversations.setStage(of: lane, to: .preparing)
        gates.beginPreparing(conversations.lanes[lane].account)
        actions.append(.prepare(recordID(of: head)))
    }

    /// The check before a request's first call is over.
    ///
    /// - Parameter refusal: Why the request must not be sent; nil where nothing speaks against it.
    package mutating func preparationEnded(_ id: RecordID, refusal: SendError?, now: EngineTime) {
        observe(now)
        guard let slot = book.slot(of: id), isHead(slot, .preparing) else { return }
        if let refusal {
            end(slot, .rejected, refusal)
        } else {
            let lane = conversations.requests[slot].lane
            conversations.prepared(slot)
            leaveStage(lane)
            presentHead(of: lane)
        }
    }

    // MARK: Calls

    /// Takes the request's places in its limits and has the next commit say that it is started, and that its hourly limit
    /// is used; it is called once that is durable.
    private mutating func reserve(_ head: Int32, of lane: Int32) {
        let call = call(of: head)
        gates.takeTurn(of: call.account, at: clock.monotonic)
        gates.reserve(call)
        conversations.setStage(of: lane, to: .marking)
        if conversations.requests[head].needsMark { book.markStarted(call.id, again: false) }
        if call.rateClass == .privateReplies { noteMemory(of: call.account) }
        book.wantMark(call.id)
    }

    private mutating func callMarked() {
        for id in book.takeMarked() {
            guard let slot = book.slot(of: id), conversations.requests[slot].flags.contains(.markIsInCommit) else {
                continue
            }
            callMarked(slot)
        }
    }

    /// A request whose mark is durable is called now, unless something has come in between.
    private mutating func callMarked(_ slot: Int32) {
        let request = conversations.requests[slot]
        leaveStage(request.lane)
        if gates.mayStart(.again(call(of: slot)), at: clock.monotonic) == .now, !book.isDraining(request.partition),
            request.deadline > clock.wall.millisecondsSinceEpoch
        {
            start(slot)
            reconsider(account(of: slot))
        } else {
            clearMark(slot)
            presentHead(of: request.lane)
        }
    }

    /// Takes back the wish to call a request whose mark is not durable.
    mutating func unmark(_ slot: Int32) {
        guard isHead(slot, .marking) else { return }
        let lane = conversations.requests[slot].lane
        leaveStage(lane)
        clearMark(slot)
        presentHead(of: lane)
    }

    /// The next snapshot no longer says that a request is started: it is known not to be delivered.
    mutating func clearMark(_ slot: Int32) {
        let request = conversations.requests[slot]
        if !request.mayBeDelivered { book.unmarkStarted(request.partition, request.offset) }
        if request.needsMark, settings.startedMarksAreDurable { book.note(request.partition) }
        if request.rateClass == .privateReplies { noteMemory(of: account(of: slot)) }
    }

    private mutating func start(_ head: Int32) {
        let now = clock.monotonic
        let call = call(of: head)
        let isFirst = conversations.requests[head].firstCallAt == .never
        gates.start(call, isFirst: isFirst, at: now)
        conversations.start(
            head,
            tokenGeneration: gates[call.account].tokenGeneration,
            stoppedBefore: isFirst ? stoppedTime(of: head) : 0,
            at: now
        )
        if conversations.enterDoubt(head) {
            gates.enterDoubt()
            book.enterDoubt(in: call.id.partition)
        }
        book.callStarts(in: call.id.partition)
        let flags = conversations.requests[head].flags
        if !flags.contains(.idempotent) { book.markStarted(call.id, again: flags.contains(.resentAfterUnknown)) }
        actions.append(.call(call.id, attempt: Int(conversations.requests[head].attempts)))
    }

    // MARK: Probes of the safety valve

    /// The moment at which an account has to be found for the next probe; nil while none is needed or one is ready by
    /// itself.
    var probeSearchDue: Int64? {
        guard let due = gates.safety.searchDue, !isSuspended, conversations.requests.count > 0, !hasFreshAccountInRing
        else { return nil }
        return due
    }

    private var hasFreshAccountInRing: Bool { conversations.ring.contains { !wasTried($0) } }

    private func wasTried(_ account: Int32) -> Bool {
        gates.safety.triedBy.contains(conversations.accounts[account].id)
    }

    /// Frees one account that was given up for a probe, if none is ready: all may have been given up. They take turns.
    private mutating func searchProbe() {
        guard let due = probeSearchDue, due <= clock.monotonic, let since = gates.safety.troubleSince else { return }
        gates.noteProbeSearch(at: clock.monotonic)
        for _ in 0..<conversations.accounts.places {
            probeCursor = probeCursor + 1 < conversations.accounts.places ? probeCursor + 1 : 0
            let account = probeCursor
            guard conversations.accounts[account].isLive, conversations.accounts[account].requests > 0,
                !wasTried(account), gates[account].health.wasGivenUp(since: since, at: clock.monotonic),
                !conversations.accounts[account].queues.isEmpty
            else { continue }
            free(account)
            return
        }
    }

    /// The account whose turn it is: while the valve is shut, one that was not tried lately.
    private mutating func nextTurn() -> Int32? {
        // Where all were tried they take turns.
        if gates.safety.isShut, hasFreshAccountInRing {
            while let first = conversations.ring.first, wasTried(first) { conversations.passTurn() }
        }
        return conversations.nextTurn()
    }
}
