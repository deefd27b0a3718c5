internal import InstagramMessaging

/// The records that are read.
extension SendEngine {
    /// Queues a valid request behind the others of its conversation.
    ///
    /// Records are told in the order of their offsets, each once, with this or with `settle`; one that is told again is
    /// ignored.
    ///
    /// - Returns: Whether the engine takes care of the record from now on: its ending will be in a commit batch. If not,
    ///   nothing changes: what is kept of an earlier reading of the same record is still needed.
    @discardableResult
    package mutating func accept(_ request: QueuedRequest, now: EngineTime) -> Bool {
        observe(now)
        guard let admission = admit(request.id) else { return false }
        var start = OffsetLedger.Admission.new
        if case .startedBefore(let again) = admission, !request.isIdempotent {
            if request.delivery == .atMostOnce || settings.retry.unknownResends < 1 {
                endAtIntake(Self.startedByAnother(request.id, again: again, at: now.wall, error: nil))
                return true
            }
            start = admission
        }
        let slot = insert(request, start)
        endIfTooLate(slot)
        return true
    }

    /// Takes note of a record that ended at intake: it failed validation or came too late.
    ///
    /// - Returns: As for `accept`.
    @discardableResult
    package mutating func settle(_ end: RequestEnd, now: EngineTime) -> Bool {
        observe(now)
        guard let admission = admit(end.id) else { return false }
        if case .startedBefore(let again) = admission {
            endAtIntake(Self.startedByAnother(end.id, again: again, at: now.wall, error: end.error))
        } else {
            endAtIntake(end)
        }
        return true
    }

    /// Returns what a record is; nil where nothing is to be done with it.
    private mutating func admit(_ id: RecordID) -> OffsetLedger.Admission? {
        switch book.admission(of: id) {
        case .seen, nil:
            totals.ignoredRecords += 1
            return nil
        case .finishedBefore:
            book.skip(id)
            totals.skippedRecords += 1
            return nil
        case .new: return .new
        case .startedBefore(let again): return .startedBefore(again: again)
        }
    }

    private mutating func endAtIntake(_ end: RequestEnd) {
        book.addFinished(end)
        countOutstanding(end.id.partition)
    }

    /// The ending of a request that an earlier owner had started and that is not to be called again.
    private static func startedByAnother(
        _ id: RecordID,
        again: Bool,
        at now: Timestamp,
        error: SendError?
    ) -> RequestEnd {
        let message = "A call was started before this worker took over, and nobody knows how it ended."
        var doubt = error ?? SendError(category: .timeout, message: message)
        if let error { doubt.message = "\(message) It is not called again: \(error.message)" }
        return RequestEnd(
            id: id,
            status: .unknown,
            attempts: again ? 2 : 1,
            possibleDuplicate: again,
            error: doubt,
            completedAt: now
        )
    }

    private mutating func insert(_ queued: QueuedRequest, _ admission: OffsetLedger.Admission) -> Int32 {
        let account = account(named: queued.accountID)
        let lane = lane(of: queued.conversation, account: account)
        let slot = conversations.append(Request(queued, lane: lane, admission, at: clock.monotonic))
        book.add(queued.id, request: slot, admission)
        let othersCalledUntil = book.othersCalledUntil(queued.id.partition)
        if othersCalledUntil != .min {
            gates.close(account, until: book.coldUntil(queued.id.partition))
            gates.close(conversation: lane, since: othersCalledUntil)
        }
        countOutstanding(queued.id.partition)
        if conversations.requests[slot].previous < 0 {
            leaveStage(lane)
            presentHead(of: lane)
        }
        // Early, so that the proof is there when the first window after a takeover is over.
        if !gates.owns(at: clock.monotonic) { askForProof(of: account) }
        return slot
    }

    /// Ends a request that has just come if it provably cannot be sent in time.
    private mutating func endIfTooLate(_ slot: Int32) {
        // One that an earlier owner called counts from now, not from what had stopped before.
        conversations.begin(slot, heldBefore: heldTime(of: slot), stoppedBefore: stoppedTime(of: slot))
        if !gates[account(of: slot)].health.holding(at: clock.monotonic).isEmpty { boundWait(of: [slot]) }
        let soonest = opening(of: slot) ?? clock.monotonic
        if conversations.requests[slot].deadline <= clock.wall(at: soonest) { endLate(slot) }
    }

    private mutating func countOutstanding(_ number: Int32) {
        if book.countOutstanding(number, most: settings.maxOutstandingPerPartition) {
            actions.append(.pause(partition: number))
        }
    }
}
