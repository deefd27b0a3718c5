internal import InstagramMessaging

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
                endAtIntake(request.id, Self.startedByAnother(again: again, at: now.wall, error: nil))
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
    package mutating func settle(_ id: RecordID, as termination: Termination, now: EngineTime) -> Bool {
        observe(now)
        guard let admission = admit(id) else { return false }
        if case .startedBefore(let again) = admission {
            endAtIntake(id, Self.startedByAnother(again: again, at: now.wall, error: termination.error))
        } else {
            endAtIntake(id, termination)
        }
        return true
    }

    /// Returns what a record is; nil where nothing is to be done with it.
    private mutating func admit(_ id: RecordID) -> OffsetLedger.Admission? {
        guard let partition = partitions[id.partition], partition.epoch == id.epoch, !partition.isDraining,
            (0..<Int64.max).contains(id.offset)
        else {
            gauges.ignoredRecords += 1
            return nil
        }
        let admission = partition.ledger.admission(of: id.offset)
        switch admission {
        case .seen:
            gauges.ignoredRecords += 1
            return nil
        case .finishedBefore:
            partitions[id.partition]?.ledger.addFinished(id.offset)
            commits.note(id.partition)
            gauges.skippedRecords += 1
            return nil
        case .new, .startedBefore: return admission
        }
    }

    private mutating func endAtIntake(_ id: RecordID, _ termination: Termination) {
        partitions[id.partition]?.ledger.addFinished(id.offset)
        commits.append(CommitBatch.Finished(id: id, termination: termination))
        countOutstanding(id.partition)
    }

    /// The ending of a request that an earlier owner had started and that is not to be called again.
    private static func startedByAnother(again: Bool, at now: Timestamp, error: SendError?) -> Termination {
        let message = "A call was started before this worker took over, and nobody knows how it ended."
        var doubt = error ?? SendError(category: .timeout, message: message)
        if let error { doubt.message = "\(message) It is not called again: \(error.message)" }
        return Termination(
            status: .unknown,
            attempts: again ? 2 : 1,
            possibleDuplicate: again,
            error: doubt,
            completedAt: now
        )
    }

    private mutating func insert(_ queued: QueuedRequest, _ admission: OffsetLedger.Admission) -> Int32 {
        let account = accountSlot(for: queued.accountID)
        let lane = laneSlot(for: queued.conversation, of: account)
        let slot = requests.insert(request(from: queued, lane: lane, admission))
        partitions[queued.id.partition]?.ledger.add(queued.id.offset, request: slot)
        if case .startedBefore(let again) = admission {
            partitions[queued.id.partition]?.ledger.markStarted(queued.id.offset, again: again)
        }
        let deadline = requests[slot].deadline
        if deadline < .never { deadlines.set(slot, to: deadline) }
        accounts[account].soonestDeadline = min(accounts[account].soonestDeadline, deadline)
        accounts[account].coldUntil = max(
            accounts[account].coldUntil,
            partitions[queued.id.partition]?.coldUntil ?? .min
        )
        if let others = partitions[queued.id.partition]?.othersCalledUntil, others != .min {
            lanes[lane].window?.close(since: others)
        }
        accounts[account].requests += 1
        accounts[account].partition = queued.id.partition
        countOutstanding(queued.id.partition)
        append(slot, to: lane)
        // Early, so that the proof is there when the first window after a takeover is over.
        if !ownsForSure { askForProof(of: account) }
        return slot
    }

    private func request(from queued: QueuedRequest, lane: Int32, _ admission: OffsetLedger.Admission) -> Request {
        var request = Request(
            offset: queued.id.offset,
            partition: queued.id.partition,
            lane: lane,
            rateClass: queued.rateClass
        )
        let expiry = queued.expiresAt?.millisecondsSinceEpoch ?? .never
        let windowEnd = queued.windowClosesAt?.millisecondsSinceEpoch ?? .never
        request.feature = queued.feature
        request.deadline = min(expiry, windowEnd)
        if windowEnd < expiry { request.flags.insert(.windowCloses) }
        if queued.isIdempotent { request.flags.insert(.idempotent) }
        if queued.delivery == .atMostOnce { request.flags.insert(.atMostOnce) }
        if queued.needsPreparation { request.flags.insert(.needsPreparation) }
        if case .startedBefore(let again) = admission {
            if again { request.flags.insert(.resentAfterUnknown) }
            request.attempts = again ? 2 : 1
            request.spent = request.attempts
            request.unknowns = request.attempts
            request.durableUnknowns = request.attempts
            request.firstCallAt = clock.monotonic
        }
        return request
    }

    /// Ends a request that has just come if it provably cannot be sent in time.
    private mutating func endIfTooLate(_ slot: Int32) {
        let account = lanes[requests[slot].lane].account
        requests[slot].heldBefore = heldTime(of: slot)
        // One that an earlier owner called counts from now, not from what had stopped before.
        requests[slot].stoppedBefore = stoppedTime(of: slot)
        if !accounts[account].health.holding(at: clock.monotonic).isEmpty { boundWait(of: [slot]) }
        let soonest = provablyClosed(slot) ?? clock.monotonic
        if requests[slot].deadline <= wallTime(at: soonest) { endLate(slot) }
    }

    private mutating func countOutstanding(_ number: Int32) {
        askForFirstCommit(of: number)
        guard var partition = partitions[number] else { return }
        partition.outstanding += 1
        let isFull = partition.outstanding >= max(settings.maxOutstandingPerPartition, 1)
        if isFull, !partition.isPaused {
            partition.isPaused = true
            gauges.pausedPartitions += 1
            actions.append(.pause(partition: number))
        }
        partitions[number] = partition
    }
}
