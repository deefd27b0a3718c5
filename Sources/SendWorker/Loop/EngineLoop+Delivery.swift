import InstagramMessaging
import KafkaClient
import SendEngine
import Telemetry

/// Where the loop stands with making endings durable. At most one delivery is open at a time; what ends meanwhile
/// collects for the next.
struct DeliveryState {
    /// What the open delivery holds, to be forgotten once it is durable.
    struct Open {
        var number: UInt64
        var ids: [RecordID]
        var offsets: [TopicPartition: Int64]
        /// Those of the offsets that were owed before.
        var owed: [TopicPartition: Int64]
        /// The assignments that the partitions belong to.
        var epochs: [TopicPartition: UInt64]
    }

    var open: Open?
    /// Since when something waits to become durable without success, on the monotonic clock; nil while all goes well.
    var overdueSince: Int64?
    /// When the last delivery started, on the monotonic clock.
    var lastStart = Int64.min
    /// Offsets whose commit did not succeed: they are offered again with the next delivery.
    var owedOffsets: [TopicPartition: Int64] = [:]
    /// Deliveries in a row of which something did not become durable.
    var failures = 0
    /// Deliveries in a row of which nothing became durable.
    var losses = 0
    var pace = CommitPace()
    /// Outcomes of partitions that were given up or lost before they could be committed, since something could be.
    var dropped = 0
    /// Deliveries whose offsets were refused, since the start.
    var refusals = 0

    /// How long to wait after a failure before the next try, in nanoseconds.
    var pause: Int64 { failures == 0 ? 0 : min(100_000_000 << Int64(min(failures - 1, 4)), 1_000_000_000) }
}

extension EngineLoop {
    private var commitIntervalNanoseconds: Int64 { settings.commitInterval.wholeNanoseconds }

    private var hasNews: Bool { engine.hasCommit || !delivery.owedOffsets.isEmpty }

    /// When the next delivery is due; nil while one is open or there is nothing to deliver.
    func nextDeliveryAt(now: EngineTime) -> Int64? {
        guard delivery.open == nil, hasNews, failure == nil else { return nil }
        guard delivery.lastStart != Int64.min else { return now.monotonic }
        return delivery.lastStart + max(commitIntervalNanoseconds, delivery.pause)
    }

    func startDeliveryIfDue(now: EngineTime) {
        guard let due = nextDeliveryAt(now: now) else { return }
        let isUrgent = (engine.isCommitUrgent || !drains.isEmpty || isStopping) && delivery.failures == 0
        guard isUrgent || due <= now.monotonic else { return }
        startDelivery(now: now)
    }

    private func startDelivery(now: EngineTime) {
        let batch = engine.takeCommit()
        let owed = delivery.owedOffsets
        delivery.owedOffsets = [:]
        let outgoing = makeDelivery(of: batch, owed: owed)
        delivery.lastStart = now.monotonic
        if delivery.overdueSince == nil { delivery.overdueSince = now.monotonic }
        let number = outgoing.number
        delivery.open = DeliveryState.Open(
            number: number,
            ids: batch?.finished.map(\.id) ?? [],
            offsets: outgoing.offsets,
            owed: owed,
            epochs: outgoing.epochs
        )
        let committer = ports.committer
        Task {
            let result: Result<CommitOutcome, CommitError>
            do throws(CommitError) {
                result = .success(try await committer.commit(outgoing))
            } catch {
                result = .failure(error)
            }
            recordDelivery(outgoing, result, nanoseconds: clock.now.monotonic - now.monotonic)
            post(.deliveryEnded(number: number, result))
        }
    }

    private func makeDelivery(of batch: CommitBatch?, owed: [TopicPartition: Int64]) -> Delivery {
        var offsets = owed
        var ledgers: [Int32: [UInt8]] = [:]
        for position in batch.map({ positions(of: $0) }) ?? [] {
            let partition = TopicPartition(topic: requestsTopic, partition: position.partition)
            if let next = position.nextOffset {
                offsets[partition] = next
                ledgers[position.partition] = position.snapshot
            } else if let before = assignments.committedBefore[position.partition] {
                offsets[partition] = before
            }
        }
        let endings = (batch?.finished ?? []).compactMap { ended -> Delivery.Ending? in
            guard let record = held[ended.id] else { return nil }
            let result = terminalRecords.result(for: record, ended: ended.termination)
            spans.note(result, of: ended.id)
            return Delivery.Ending(result: result, held: record)
        }
        var delivery = Delivery(
            number: batch?.number ?? 0,
            endings: endings,
            offsets: offsets,
            ledgers: ledgers,
            accounts: batch?.accounts ?? [],
            epochs: offsets.reduce(into: [:]) { $0[$1.key] = epochs[$1.key.partition] },
            committedBefore: assignments.committedBefore
        )
        delivery.newestRead = assignments.progress.newest
        return delivery
    }

    /// The positions of all partitions that a batch says something about.
    ///
    /// Those of its accounts too, though their offset may not have moved: it is the offset in a transaction that keeps a
    /// replica which lost the partition from writing over what the next owner remembers.
    private func positions(of batch: CommitBatch) -> [CommitBatch.Position] {
        let known = Set(batch.positions.map(\.partition))
        let others = Set(batch.accounts.map(\.partition)).subtracting(known)
        return batch.positions + others.sorted().compactMap { engine.position(of: $0) }
    }

    func endDelivery(_ number: UInt64, _ result: Result<CommitOutcome, CommitError>, now: EngineTime) {
        guard let open = delivery.open, open.number == number else { return }
        delivery.open = nil
        let outcome = (try? result.get()) ?? .nothing
        let isComplete = outcome == .committed
        delivery.failures = isComplete ? 0 : delivery.failures + 1
        delivery.losses = outcome.isDurable ? 0 : delivery.losses + 1
        noteGroupAnswer(outcome, now: now)
        switch result {
        case .success where !outcome.isDurable:
            // The group says that something is not ours any more: another commit has to show what is.
            if outcome == .notOurs { engine.forgetProof() }
            if number > 0 { engine.commitFailed(number, isTooMuch: outcome == .nothing, now: now) }
            owe(open.owed, of: open)
        case .success:
            let asked = max(ports.groupAskedAt(), delivery.lastStart)
            if let start = delivery.overdueSince {
                // One that is only slow was heard of until it asked the group.
                doubt.noteSilence(from: start < delivery.lastStart ? start : asked, to: now.monotonic)
            }
            delivery.overdueSince = nil
            if !isStopping { delivery.dropped = 0 }
            tellIfSlow(now.monotonic - delivery.lastStart)
            for id in open.ids { held[id] = nil }
            spans.end(open.ids)
            if !isComplete {
                delivery.refusals += 1
                engine.forgetProof()
            }
            let isProof = isComplete && doubt.trustsCommit(from: asked, to: now.monotonic)
            if number > 0 {
                engine.commitSucceeded(
                    number,
                    areOffsetsDurable: isComplete,
                    provesOwnership: isProof,
                    askedAt: asked,
                    now: now
                )
            }
            if isComplete { noteCommitted(open) } else { owe(open.offsets, of: open) }
        case .failure(let error):
            if number > 0 { engine.commitFailed(number, now: now) }
            fail(error)
        }
    }

    /// The group's library hears of its expulsion with the next heartbeat, and else gives up once the session is over. One
    /// that does neither will not join the group again by itself.
    private func noteGroupAnswer(_ outcome: CommitOutcome, now: EngineTime) {
        guard outcome.isRefusedByGroup else {
            if outcome == .committed { doubt.noteMember() }
            return
        }
        guard let seconds = doubt.noteExpulsion(at: now.monotonic) else { return }
        fail(
            CommitError(
                "the group has refused this replica's commits as those of a stranger for \(seconds) s, and librdkafka has not "
                    + "joined the group again: it is stuck. Restart the worker."
            )
        )
    }

    /// Stops and resumes calls as deliveries fail and succeed: what is sent while results cannot be made durable would be
    /// sent again by whoever owns the partition next. A delivery that is under way stops nothing, however long it takes:
    /// the engine keeps count of what it puts in doubt.
    func suspendOrResumeCalls(now: EngineTime) {
        if delivery.open == nil, !hasNews {
            delivery.overdueSince = nil
            delivery.losses = 0
        }
        let isFailing = failure != nil || delivery.losses > 0
        if isFailing != engine.isSuspended {
            engine.isSuspended = isFailing
            metrics.setSuspended(isFailing)
        }
        tellIfOverdue(now: now)
    }

    /// Keeps offsets to be offered again, those of partitions that are still ours: after a new assignment others may have
    /// committed more.
    private func owe(_ offsets: [TopicPartition: Int64], of open: DeliveryState.Open) {
        for (partition, offset) in offsets where isCurrent(partition, of: open) {
            delivery.owedOffsets[partition] = offset
        }
    }

    private func noteCommitted(_ open: DeliveryState.Open) {
        for (partition, offset) in open.offsets where isCurrent(partition, of: open) {
            assignments.committedBefore[partition.partition] = offset
        }
    }

    private func isCurrent(_ partition: TopicPartition, of open: DeliveryState.Open) -> Bool {
        guard let epoch = epochs[partition.partition] else { return false }
        return epoch == open.epochs[partition]
    }

    private nonisolated func recordDelivery(
        _ delivery: Delivery,
        _ result: Result<CommitOutcome, CommitError>,
        nanoseconds: Int64
    ) {
        let end = CommitEnd(result)
        metrics.committed(results: delivery.endings.count, nanoseconds: nanoseconds, end: end)
        guard end.isDurable else { return }
        for ending in delivery.endings { metrics.ended(ending.result) }
        activity.ended(delivery.endings)
    }
}
