import KafkaClient
import SendEngine
import Telemetry

/// What the loop keeps of its partitions beside their epochs.
struct AssignmentState {
    /// A reading of the state topic that runs.
    struct Restore {
        /// Those that wait for it.
        var partitions: Set<Int32>
        var task: Task<Void, Never>
        /// When it has lasted so long that the rebalance is brought to its end without it, on the monotonic clock; nil
        /// once it has been.
        var endsRebalanceAt: Int64?
    }

    /// By the number of the assignment.
    var restores: [UInt64: Restore] = [:]
    /// Partitions that are assigned and not fetched before their state has been read.
    var onHold: Set<Int32> = []
    /// The offset that was committed when a partition was taken over: it stands until a record has been read.
    var committedBefore: [Int32: Int64] = [:]
    var unreadGaps = UnreadGaps()
    var progress = ReadingProgress()
    /// What calls that wait for their connection hold on to.
    var leases: [Int32: AssignmentLease] = [:]

    /// How many partitions wait for their state.
    var restoring: Int { restores.values.reduce(0) { $0 + $1.partitions.count } }

    /// Notes whose state has been read.
    ///
    /// - Returns: Those of the partitions that waited for it: what was taken away meanwhile is somebody else's by now.
    mutating func noteRestored(_ partitions: some Sequence<Int32>, epoch: UInt64) -> Set<Int32> {
        let awaited = restores[epoch]?.partitions.intersection(partitions) ?? []
        restores[epoch]?.partitions.subtract(awaited)
        cancelRestoreIfUnwanted(epoch)
        return awaited
    }

    /// Forgets partitions; a reading of which nothing is wanted any more is cancelled.
    mutating func remove(_ partitions: Set<Int32>) {
        for partition in partitions {
            committedBefore[partition] = nil
            unreadGaps.remove(partition)
            progress.remove(partition)
            leases.removeValue(forKey: partition)?.end()
        }
        onHold.subtract(partitions)
        for epoch in Array(restores.keys) {
            restores[epoch]?.partitions.subtract(partitions)
            cancelRestoreIfUnwanted(epoch)
        }
    }

    private mutating func cancelRestoreIfUnwanted(_ epoch: UInt64) {
        guard let restore = restores[epoch], restore.partitions.isEmpty else { return }
        restore.task.cancel()
        restores[epoch] = nil
    }
}

extension EngineLoop {
    /// Reads what the last owner left behind before the first record is fetched.
    func assign(_ partitions: [Int32], epoch: UInt64, now: EngineTime) {
        doubt.noteMember()
        for partition in partitions {
            epochs[partition] = epoch
            assignments.leases[partition] = AssignmentLease()
        }
        metrics.partitionsAssigned(partitions.count)
        logger.info(
            "partitions assigned",
            metadata: ["partitions": "\(partitions.sorted())", "epoch": "\(epoch)"]
        )
        guard !partitions.isEmpty else { return }
        let task = Task {
            await ports.restore(partitions) { self.post(.restored($0, epoch: epoch)) }
        }
        assignments.restores[epoch] = AssignmentState.Restore(
            partitions: Set(partitions),
            task: task,
            endsRebalanceAt: now.monotonic + settings.restorePatience.wholeNanoseconds
        )
    }

    /// Has the rebalance end where a reading takes long. Until it has ended, librdkafka tells of no loss of other
    /// partitions, and commits of their offsets wait.
    func endSlowRebalances(now: EngineTime) {
        for (epoch, restore) in assignments.restores {
            guard let end = restore.endsRebalanceAt, end <= now.monotonic else { continue }
            assignments.restores[epoch]?.endsRebalanceAt = nil
            assignments.onHold.formUnion(restore.partitions)
            ports.consumer(.startOnHold(restore.partitions.sorted(), epoch: epoch))
        }
    }

    /// When the next rebalance is to be ended.
    var nextEndOfRebalance: Int64? { assignments.restores.values.compactMap(\.endsRebalanceAt).min() }

    func lose(_ partitions: [Int32], now: EngineTime) {
        doubt.noteMember()
        metrics.partitionsLost(partitions.count)
        forget(partitions, now: now)
    }

    func begin(_ restored: [Int32: RestoredPartition], epoch: UInt64, now: EngineTime) {
        let awaited = assignments.noteRestored(restored.keys, epoch: epoch)
        let ours = restored.filter { awaited.contains($0.key) }
        for (partition, state) in ours {
            assignments.committedBefore[partition] = state.committed
            let position = state.position ?? state.committed
            assignments.unreadGaps.begin(partition, at: position)
            assignments.progress.begin(partition, at: position, newest: state.newestRead)
            if state.deletedUnread > 0 { tellDeleted(state.deletedUnread, of: partition, before: position ?? 0) }
            engine.assign(
                partition,
                epoch: epoch,
                // Also without a ledger nothing before that is to be done.
                restored: state.snapshot ?? position.map { PartitionSnapshot(base: $0) },
                accounts: state.accounts,
                now: now
            )
        }
        let positions = ours.compactMapValues(\.position)
        for partition in awaited.intersection(assignments.onHold).sorted() {
            ports.consumer(.begin(partition, at: positions[partition] ?? 0))
        }
        let others = awaited.subtracting(assignments.onHold)
        if !others.isEmpty {
            let starts = positions.filter { others.contains($0.key) }
            ports.consumer(.startFetching(others.sorted(), at: starts, epoch: epoch))
        }
        assignments.onHold.subtract(awaited)
    }

    /// Asks of what was passed over in reading whether it was deleted before it was read.
    func judgeUnreadGaps() {
        let gaps = assignments.unreadGaps.take()
        guard !gaps.isEmpty else { return }
        Task {
            let starts = await ports.logStarts(gaps.keys.sorted())
            for (partition, start) in starts {
                let count = UnreadGaps.deleted(gaps[partition] ?? [], before: start)
                if count > 0 { tellDeleted(count, of: partition, before: start) }
            }
        }
    }

    /// Asks of partitions of which records came again whether their logs still reach as far as was read.
    func judgeRepetitions() {
        let repeated = assignments.progress.takeRepeated()
        guard !repeated.isEmpty else { return }
        Task {
            let logs = await ports.requestLogs(repeated.keys.sorted())
            for (partition, next) in repeated {
                if let end = logs[partition]?.upperBound, end < next { refuseLog(of: partition, read: next, end: end) }
            }
        }
    }

    /// Ends the worker in order: what is known of a log says nothing of another one. The next start finds out where to begin.
    func refuseLog(of partition: Int32, read next: Int64, end: Int64?) {
        let place = end.map { "its log ends at \($0)" } ?? "its records are newer than those that were read"
        ports.refuse(
            "partition \(partition) of \(requestsTopic) is not the log that was read up to \(next) any more, \(place): the topic was "
                + "deleted and made anew, or has lost its end. Restart the worker: it finds out where to go on"
        )
    }

    private nonisolated func tellDeleted(_ count: Int64, of partition: Int32, before start: Int64) {
        metrics.deletedUnread(Int(count))
        repetitions.log(
            """
            requests were deleted from the topic before they were read, and will have no result: its retention (retention.ms, \
            retention.bytes) is shorter than the backlog; raise it and have the producers publish them again
            """,
            level: .error,
            to: logger,
            metadata: ["partition": "\(partition)", "offsets": "\(count)", "before": "\(start)"]
        )
    }
}
