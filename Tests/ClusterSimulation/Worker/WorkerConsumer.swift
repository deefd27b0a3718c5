internal import InstagramMessaging
internal import SendEngine

/// The consumer: membership, restoring, fetching.
extension Worker: GroupMember {
    func join() {
        process.ask(after: latency) { [self] in
            guard !process.isDead, !isStopping else { return }
            memberID = cluster.group.join(self)
            trace("joined as member \(memberID ?? 0)")
        }
    }

    // MARK: What the group says

    func generationChanged(_ generation: Int, member: Int) {
        process.hear(after: random.span(Span.millisecond...80 * Span.millisecond)) { [self] in
            guard member == memberID else { return }
            self.generation = max(self.generation, generation)
        }
    }

    func assigned(_ partitions: [Int32], member: Int, generation: Int) {
        process.hear(after: random.span(Span.millisecond...80 * Span.millisecond)) { [self] in
            guard !isStopping, member == memberID else { return }
            self.generation = max(self.generation, generation)
            take(partitions)
        }
    }

    func revoking(_ partitions: [Int32], member: Int) {
        process.hear(after: random.span(Span.millisecond...80 * Span.millisecond)) { [self] in
            giveBack(partitions, member: member)
        }
    }

    private func giveBack(_ partitions: [Int32], member: Int) {
        let own = partitions.filter { owned[$0] != nil && owned[$0]?.isRevoking == false }
        guard !own.isEmpty, !isStopping, member == memberID else { return }
        // The library tells of nothing else before an assignment is taken in.
        guard own.allSatisfy({ owned[$0]?.isTakenIn ?? false }) else {
            process.after(20 * Span.millisecond) { [self] in giveBack(partitions, member: member) }
            return
        }
        trace("has to give up \(own)")
        for partition in own { owned[partition]?.isRevoking = true }
        run(.revoking(own))
    }

    /// The group has declared this member dead, as it finds out when it next hears of it.
    func lose() {
        let lost = owned.keys.sorted()
        trace("has lost \(lost)")
        owned = [:]
        memberID = nil
        run(.lost(lost))
        if !isStopping { join() }
    }

    private func take(_ partitions: [Int32]) {
        lastEpoch += 1
        assignedAt = cluster.timeline.now
        for partition in partitions {
            owned[partition] = Fetching(epoch: lastEpoch, assignedAt: cluster.timeline.now)
        }
        trace("is assigned \(partitions) (epoch \(lastEpoch))")
        run(.assigned(partitions, epoch: lastEpoch))
    }

    func giveUp(_ partitions: [Int32]) {
        trace("gives up \(partitions)")
        for partition in partitions { owned[partition] = nil }
        guard let id = memberID else { return }
        process.ask(after: latency) { [self] in cluster.group.gaveUp(partitions, member: id) }
    }

    // MARK: Restoring

    func restore(_ partition: Int32, epoch: UInt64) {
        guard restoring[partition] == epoch else { return }
        process.ask(after: latency) { [self] in
            let state = cluster.kafka.readState(partition)
            process.hear(after: latency, by: .stateReader) { [self] in
                process.ask(after: latency) { [self] in
                    let committed = cluster.kafka.committedOffset(partition)
                    let isStable = cluster.kafka.isStable(partition)
                    process.hear(after: latency, by: .stateReader) { [self] in
                        guard restoring[partition] == epoch else { return }
                        if isStable, let start = start(partition, epoch, state, committed) {
                            handOver(partition, epoch, start, state.accounts, committed)
                        } else {
                            process.after(200 * Span.millisecond) { [self] in restore(partition, epoch: epoch) }
                        }
                    }
                }
            }
        }
    }

    /// Returns where to begin; nil where the state has to be read again.
    private func start(
        _ partition: Int32,
        _ epoch: UInt64,
        _ state: KafkaModel.StateReading,
        _ committed: PartitionStart.CommittedOffset?
    ) -> PartitionStart? {
        // What stands behind an open transaction may be newer, even where the offsets agree.
        guard state.isComplete else { return nil }
        let snapshot = state.ledger?.value.flatMap(PartitionSnapshot.init(decoding:))
        if state.ledger != nil, snapshot == nil {
            cluster.violated("a ledger of partition \(partition) cannot be read")
        }
        var facts = PartitionStart.Facts(ledger: snapshot, committed: committed)
        facts.precedesItsOffset =
            plan.guarantee == .atLeastOnce && state.ledger.map { $0.committedBefore == committed?.offset } ?? false
        facts.log = 0..<cluster.logEnd(of: partition)
        do throws(PartitionStart.Refusal) {
            let start = try PartitionStart.decide(facts)
            if owned[partition]?.epoch == epoch { checkFit(start, partition) }
            return start
        } catch {
            // Without a ledger nobody knows what has ended; somebody has to say it.
            return PartitionStart(offset: 0, snapshot: nil, notes: [])
        }
    }

    /// Without transactions a replica that was cut off may write an old ledger after its successor's. And one that has lost
    /// the partition and not heard of it may have read the ledger long before the offset.
    private func checkFit(_ start: PartitionStart, _ partition: Int32) {
        guard !start.notes.isEmpty, !cluster.hasMovedOffsets, plan.guarantee == .exactlyOnce,
            memberID.map({ cluster.group.owns($0, partition) }) ?? false
        else { return }
        cluster.violated("the ledger and the offset of \(partition) do not fit: \(start.notes)")
    }

    private func handOver(
        _ partition: Int32,
        _ epoch: UInt64,
        _ start: PartitionStart,
        _ remembered: [String: KafkaModel.StateRecord],
        _ committed: PartitionStart.CommittedOffset?
    ) {
        restoring[partition] = nil
        let accounts = remembered.compactMapValues { record in
            record.value.flatMap { AccountMemory(decoding: $0, words: record.words) }
        }
        if accounts.count < remembered.count { cluster.violated("the memory of an account cannot be read") }
        let position = start.offset ?? 0
        trace("goes on with \(partition) at \(position), ledger \(start.snapshot.map { "\($0)" } ?? "none")")
        let restored = RestoredPartition(
            snapshot: start.snapshot,
            accounts: accounts,
            committed: committed?.offset,
            position: position
        )
        run(.restored([partition: restored], epoch: epoch))
    }

    func takeIn(_ partitions: [Int32], epoch: UInt64) {
        for partition in partitions where owned[partition]?.epoch == epoch { owned[partition]?.isTakenIn = true }
    }

    func begin(_ partition: Int32, at offset: Int64) {
        owned[partition]?.position = offset
        fetch(partition)
    }

    // MARK: Fetching

    func fetch(_ partition: Int32) {
        guard let state = owned[partition], let position = state.position, !state.isPaused, !state.isAsking,
            !state.isRevoking
        else { return }
        let records = cluster.published(in: partition, from: position, atMost: random.number(1...12))
        guard let last = records.last else { return }
        owned[partition]?.isAsking = true
        process.hear(after: 2 * latency) { [self] in
            guard owned[partition]?.epoch == state.epoch else { return }
            owned[partition]?.isAsking = false
            owned[partition]?.position = last.key.offset + 1
            if cluster.faults.happens(.redelivery) {
                owned[partition]?.position = max(records[0].key.offset - Int64(random.number(0...4)), 0)
            }
            read(records, epoch: state.epoch)
            fetch(partition)
        }
    }

    private func read(_ records: [ModelRequest], epoch: UInt64) {
        let now = now
        // What comes for a partition that is on its way out is dropped.
        for request in records where owned[request.key.partition]?.isRevoking == false && !isStopping {
            let id = request.key.id(epoch: epoch)
            let record = Replica.ReadRecord(
                id: id,
                content: request.isInvalid ? .settled(rejection(id, now)) : .request(queued(request, id)),
                timestamp: Cluster.wall(request.publishedAt).millisecondsSinceEpoch
            )
            if decisions.read(record, now: now) == .new { pending[id] = request }
        }
        carryOutActions(now: now)
    }

    private func rejection(_ id: RecordID, _ now: EngineTime) -> RequestEnd {
        RequestEnd(
            id: id,
            status: .rejected,
            attempts: 0,
            possibleDuplicate: false,
            error: SendError(category: .invalidRequest, message: "It breaks a rule."),
            completedAt: now.wall
        )
    }

    private func queued(_ request: ModelRequest, _ id: RecordID) -> QueuedRequest {
        QueuedRequest(
            id: id,
            accountID: request.account,
            conversation: request.conversation,
            rateClass: request.rateClass,
            feature: request.feature,
            delivery: request.delivery,
            isIdempotent: request.isIdempotent,
            needsPreparation: request.needsPreparation,
            expiresAt: request.expiresAt.map(Cluster.wall),
            windowClosesAt: request.windowClosesAt.map(Cluster.wall)
        )
    }
}
