internal import InstagramMessaging

extension Replica {
    /// The partitions of a replica, from their assignment on.
    struct Assignments: Sendable {
        /// A reading of the state topic that runs.
        struct Restore: Sendable {
            /// The partitions that wait for it.
            var partitions: Set<Int32>
            /// On the monotonic clock.
            let assignedAt: Int64
            /// The moment at which it has lasted so long that the rebalance is brought to its end without it, on the
            /// monotonic clock; nil once it has been.
            var endsRebalanceAt: Int64?
        }

        var epochs: [Int32: UInt64] = [:]
        /// By the number of the assignment.
        var restores: [UInt64: Restore] = [:]
        /// Partitions that are assigned and not fetched before their state has been read.
        var startedPaused: Set<Int32> = []
        /// The offset that was committed when a partition was taken over: it stands until a record has been read.
        var committedBefore: [Int32: Int64] = [:]
        var unreadGaps = UnreadGaps()
        var progress = ReadingProgress()

        /// The number of partitions that wait for their state.
        var restoring: Int { restores.values.reduce(0) { $0 + $1.partitions.count } }

        /// The moment at which the next rebalance is to be brought to its end.
        var nextEndOfRebalance: Int64? { restores.values.compactMap(\.endsRebalanceAt).min() }

        /// Stops waiting for the state of partitions.
        ///
        /// - Returns: The assignments for which nothing is to be read any more.
        mutating func stopRestoring(_ partitions: Set<Int32>) -> [UInt64] {
            for epoch in restores.keys { restores[epoch]?.partitions.subtract(partitions) }
            let done = restores.filter(\.value.partitions.isEmpty).keys.sorted()
            for epoch in done { restores[epoch] = nil }
            return done
        }

        mutating func removePlaces(of partitions: Set<Int32>) {
            startedPaused.subtract(partitions)
            for partition in partitions {
                committedBefore[partition] = nil
                unreadGaps.remove(partition)
                progress.remove(partition)
            }
        }
    }

    /// Has the state read that the last owner left, before the first record is fetched.
    mutating func assign(_ partitions: [Int32], epoch: UInt64, now: EngineTime) {
        doubt.noteAssignment(at: now.monotonic)
        for partition in partitions { assignments.epochs[partition] = epoch }
        actions.append(.report(.assigned(partitions, epoch: epoch)))
        guard !partitions.isEmpty else { return }
        assignments.restores[epoch] = Assignments.Restore(
            partitions: Set(partitions),
            assignedAt: now.monotonic,
            endsRebalanceAt: now.monotonic.saturatingAdd(settings.restorePatience.nanoseconds)
        )
        actions.append(.restore(partitions, epoch: epoch))
    }

    /// Has the rebalance end where a reading takes long. Until it has ended, librdkafka tells of no loss of other
    /// partitions, and commits of their offsets wait.
    mutating func endSlowRebalances(now: EngineTime) {
        for epoch in assignments.restores.keys.sorted() {
            guard let restore = assignments.restores[epoch], let end = restore.endsRebalanceAt, end <= now.monotonic
            else { continue }
            assignments.restores[epoch]?.endsRebalanceAt = nil
            assignments.startedPaused.formUnion(restore.partitions)
            actions.append(.startPaused(restore.partitions.sorted(), epoch: epoch))
        }
    }

    /// Goes on from what the last owner left.
    mutating func begin(_ restored: [Int32: RestoredPartition], epoch: UInt64, now: EngineTime) {
        // What was taken away meanwhile is somebody else's by now.
        let assignedAt = assignments.restores[epoch]?.assignedAt
        let awaited = assignments.restores[epoch]?.partitions.intersection(restored.keys) ?? []
        stopRestoring(awaited)
        let ours = restored.filter { awaited.contains($0.key) }
        for (partition, state) in ours.sorted(by: { $0.key < $1.key }) {
            assignments.committedBefore[partition] = state.committed
            let position = state.position ?? state.committed
            assignments.unreadGaps.begin(partition, at: position)
            assignments.progress.begin(partition, at: position, newest: state.newestRead)
            if state.deletedUnread > 0 {
                let before = position ?? 0
                actions.append(.report(.deletedUnread(state.deletedUnread, partition: partition, before: before)))
            }
            engine.assign(
                partition,
                epoch: epoch,
                // Also without a ledger nothing before that is to be done.
                restored: state.snapshot ?? position.map { PartitionSnapshot(base: $0) },
                accounts: state.accounts,
                assignedAt: assignedAt,
                now: now
            )
        }
        // Those that are on their way out by now stay so: nothing of them is called.
        engine.beginRevoke(drains.flatMap(\.partitions).filter(awaited.contains), now: now)
        startFetching(awaited, at: ours.compactMapValues(\.position), epoch: epoch)
    }

    private mutating func startFetching(_ awaited: Set<Int32>, at positions: [Int32: Int64], epoch: UInt64) {
        for partition in awaited.intersection(assignments.startedPaused).sorted() {
            actions.append(.begin(partition, at: positions[partition] ?? 0))
        }
        let others = awaited.subtracting(assignments.startedPaused)
        if !others.isEmpty {
            let starts = positions.filter { others.contains($0.key) }
            actions.append(.startFetching(others.sorted(), at: starts, epoch: epoch))
        }
        assignments.startedPaused.subtract(awaited)
    }

    mutating func lose(_ partitions: [Int32], now: EngineTime) {
        doubt.noteMember()
        actions.append(.report(.lost(partitions)))
        forget(partitions, now: now)
    }

    /// Drops all that belongs to partitions that are no longer ours.
    mutating func forget(_ partitions: [Int32], now: EngineTime) {
        let ours = partitions.filter { assignments.epochs[$0] != nil }
        let gone = Set(partitions)
        let dropped = engine.uncommittedCount(of: gone)
        if isStopping { commits.droppedInStop += dropped } else { commits.dropped += dropped }
        engine.remove(partitions, now: now)
        dropUnread(gone)
        for partition in gone {
            assignments.epochs[partition] = nil
            commits.retriedOffsets[partition] = nil
        }
        drains = drains.compactMap { drain in
            var drain = drain
            drain.partitions.removeAll(where: gone.contains)
            return drain.partitions.isEmpty && drain.reason == .revoked ? nil : drain
        }
        actions.append(.forget(partitions))
        if !ours.isEmpty { actions.append(.report(.givenUp(ours))) }
    }

    /// Nobody waits for the state of these partitions any more.
    mutating func dropUnread(_ partitions: Set<Int32>) {
        stopRestoring(partitions)
        assignments.removePlaces(of: partitions)
    }

    /// Stops waiting for the state of partitions; a reading of which nothing is wanted any more is cancelled.
    mutating func stopRestoring(_ partitions: Set<Int32>) {
        for epoch in assignments.stopRestoring(partitions) { actions.append(.cancelRestore(epoch: epoch)) }
    }

    // MARK: What the log itself says

    mutating func noteRead(_ record: ReadRecord, now: EngineTime) {
        let (partition, offset) = (record.id.partition, record.id.offset)
        assignments.unreadGaps.read(offset, of: partition)
        let isOfAnotherLog = assignments.progress.read(
            offset,
            of: partition,
            timestamp: record.timestamp,
            now: now.wall.millisecondsSinceEpoch
        )
        if isOfAnotherLog {
            actions.append(.report(.anotherLog(partition: partition, read: offset.saturatingAdd(1), end: nil)))
        }
    }

    /// Reports offsets that were passed over in reading as deleted where the log begins behind them by now.
    mutating func reportDeleted(_ passedOver: [Int32: [Range<Int64>]], before starts: [Int32: Int64]) {
        for (partition, start) in starts.sorted(by: { $0.key < $1.key }) {
            let count = UnreadGaps.deleted(passedOver[partition] ?? [], before: start)
            guard count > 0 else { continue }
            actions.append(.report(.deletedUnread(count, partition: partition, before: start)))
        }
    }

    /// Reports another log where records have come again and the log does not reach as far as was read.
    mutating func reportOtherLogs(_ logs: [Int32: Range<Int64>], _ repeated: [Int32: Int64]) {
        for (partition, next) in repeated.sorted(by: { $0.key < $1.key }) {
            guard let end = logs[partition]?.upperBound, end < next else { continue }
            actions.append(.report(.anotherLog(partition: partition, read: next, end: end)))
        }
    }
}
