internal import InstagramMessaging
internal import SendEngine

/// Where a replica stands with making endings durable.
struct DeliveryModel {
    struct Open {
        var number: UInt64
        var finished: [CommitBatch.Finished]
        var offsets: [Int32: Int64]
        var owed: [Int32: Int64]
        var epochs: [Int32: UInt64]
        var ledgers: [Int32: [UInt8]]
        var accounts: [CommitBatch.AccountState]
        var marker: String
        /// When the engine was asked for it, on the true clock.
        var takenAt: Int64

        var offsetsInWords: String {
            offsets.sorted { $0.key < $1.key }.map { "\($0.key) up to \($0.value)" }.joined(separator: ", ")
        }
    }

    enum Outcome { case committed, offsetsOwed, notOurs, nothing }

    var open: Open?
    var lastStart = Int64.min
    /// When the group was last asked to take offsets.
    var groupAskedAt = Int64.min
    var owedOffsets: [Int32: Int64] = [:]
    /// Deliveries in a row of which something did not become durable.
    var failures = 0
    /// Deliveries in a row of which nothing became durable.
    var losses = 0
    /// Deliveries whose offsets were refused.
    var refusals = 0

    /// How long to wait after a failure before the next try.
    var pause: Int64 { failures == 0 ? 0 : min(100 * Span.millisecond << Int64(min(failures - 1, 4)), Span.second) }
}

extension Replica {
    private var hasNews: Bool { engine.hasCommit || !delivery.owedOffsets.isEmpty }

    func nextDeliveryAt(_ now: EngineTime) -> Int64? {
        guard delivery.open == nil, hasNews else { return nil }
        guard delivery.lastStart != .min else { return now.monotonic }
        return delivery.lastStart + max(RunPlan.commitInterval, delivery.pause)
    }

    func startDeliveryIfDue(_ now: EngineTime) {
        guard let due = nextDeliveryAt(now) else { return }
        let isUrgent = (engine.isCommitUrgent || !drains.isEmpty || isStopping) && delivery.failures == 0
        guard isUrgent || due <= now.monotonic else { return }
        let batch = engine.takeCommit()
        var open = DeliveryModel.Open(
            number: batch?.number ?? 0,
            finished: batch?.finished ?? [],
            offsets: delivery.owedOffsets,
            owed: delivery.owedOffsets,
            epochs: epochs,
            ledgers: [:],
            accounts: batch?.accounts ?? [],
            marker: "\(name)-\(batch?.number ?? 0)-\(cluster.timeline.now)",
            takenAt: cluster.timeline.now
        )
        delivery.owedOffsets = [:]
        for position in batch.map({ positions(of: $0) }) ?? [] {
            if let next = position.nextOffset {
                open.offsets[position.partition] = next
                open.ledgers[position.partition] = position.snapshot
            } else if let before = committedBefore[position.partition] {
                open.offsets[position.partition] = before
            }
        }
        delivery.lastStart = now.monotonic
        delivery.open = open
        let number = open.number
        let done: (DeliveryModel.Outcome) -> Void = { [self] outcome in
            process.after(0) { [self] in run { endDelivery(number, outcome, now: $0) } }
        }
        switch plan.guarantee {
        case .exactlyOnce: transact(open, done)
        case .atLeastOnce: publish(open, done)
        }
    }

    /// Those of its accounts too: the offset in the transaction keeps a replica that lost the partition from writing over
    /// what the next owner remembers.
    private func positions(of batch: CommitBatch) -> [CommitBatch.Position] {
        let others = Set(batch.accounts.map(\.partition)).subtracting(batch.positions.map(\.partition))
        return batch.positions + others.sorted().compactMap { engine.position(of: $0) }
    }

    private func endDelivery(_ number: UInt64, _ outcome: DeliveryModel.Outcome, now: EngineTime) {
        guard let open = delivery.open, open.number == number else { return }
        trace("delivery \(number) with \(open.finished.map(\.id.offset)), \(open.offsetsInWords): \(outcome)")
        delivery.open = nil
        delivery.failures = outcome == .committed ? 0 : delivery.failures + 1
        delivery.losses = outcome == .committed || outcome == .offsetsOwed ? 0 : delivery.losses + 1
        if outcome == .offsetsOwed { delivery.refusals += 1 }
        if outcome == .offsetsOwed || outcome == .notOurs { engine.forgetProof() }
        switch outcome {
        case .nothing, .notOurs:
            if number > 0 { engine.commitFailed(number, isTooMuch: outcome == .nothing, now: now) }
            owe(open.owed, of: open)
        case .committed, .offsetsOwed:
            for finished in open.finished { held[finished.id] = nil }
            if number > 0 {
                engine.commitSucceeded(
                    number,
                    areOffsetsDurable: outcome == .committed,
                    askedAt: max(delivery.groupAskedAt, delivery.lastStart),
                    now: now
                )
            }
            if outcome == .offsetsOwed { owe(open.offsets, of: open) } else { noteCommitted(open) }
        }
    }

    private func owe(_ offsets: [Int32: Int64], of open: DeliveryModel.Open) {
        for (partition, offset) in offsets where epochs[partition] != nil && epochs[partition] == open.epochs[partition]
        {
            delivery.owedOffsets[partition] = offset
        }
    }

    private func noteCommitted(_ open: DeliveryModel.Open) {
        for (partition, offset) in open.offsets
        where epochs[partition] != nil && epochs[partition] == open.epochs[partition] {
            committedBefore[partition] = offset
        }
        for account in open.accounts { cluster.graph.remembered(account.accountID, by: name, takenAt: open.takenAt) }
    }

    func suspendOrResumeCalls() {
        if delivery.open == nil, !hasNews { delivery.losses = 0 }
        engine.isSuspended = delivery.losses > 0
    }

    // MARK: What both committers need

    func results(of open: DeliveryModel.Open) -> [KafkaModel.ResultRecord] {
        open.finished.map { finished in
            KafkaModel.ResultRecord(
                key: ModelRequest.Key(partition: finished.id.partition, offset: finished.id.offset),
                status: finished.termination.status,
                attempts: finished.termination.attempts,
                possibleDuplicate: finished.termination.possibleDuplicate,
                hasError: finished.termination.error != nil,
                writer: name,
                writtenAt: cluster.timeline.now
            )
        }
    }

    func stateRecords(of open: DeliveryModel.Open) -> [(Int32, KafkaModel.StateRecord)] {
        var records: [(Int32, KafkaModel.StateRecord)] = []
        for (partition, ledger) in open.ledgers.sorted(by: { $0.key < $1.key }) {
            let before = committedBefore[partition]
            let record = KafkaModel.StateRecord(
                key: .ledger,
                value: ledger,
                marker: open.marker,
                committedBefore: before
            )
            records.append((partition, record))
        }
        for account in open.accounts {
            let key = KafkaModel.StateKey.account(account.accountID)
            records.append(
                (account.partition, .init(key: key, value: account.memory, words: account.words, marker: open.marker))
            )
        }
        return records
    }

    /// Whether all partitions of a delivery are still this consumer's, in the assignments that it was made for.
    func stillOwns(_ open: DeliveryModel.Open) -> Bool {
        open.offsets.keys.allSatisfy { owned[$0] != nil && owned[$0]?.epoch == open.epochs[$0] }
    }
}
