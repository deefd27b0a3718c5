/// Partitions on their way out: no new call starts for them, running ones get until the deadline.
struct Drain: Sendable {
    enum Reason: Sendable {
        /// The group took them: they are given up once what ended is durable.
        case revoked
        /// The worker stops: it leaves the group once what ended is durable.
        case stopping
    }

    var partitions: [Int32]
    var reason: Reason
    /// On the monotonic clock, in nanoseconds.
    var deadline: Int64
    /// The number of commits whose offsets had been refused when it began.
    var refusalsBefore: Int
}

extension Replica {
    mutating func revoke(_ partitions: [Int32], now: EngineTime) {
        actions.append(.report(.revoking(partitions)))
        beginDrain(of: partitions, reason: .revoked, now: now)
    }

    mutating func stop(now: EngineTime) {
        guard !isStopping else { return }
        isStopping = true
        beginDrain(of: assignments.epochs.keys.sorted(), reason: .stopping, now: now)
    }

    private mutating func beginDrain(of partitions: [Int32], reason: Drain.Reason, now: EngineTime) {
        engine.beginRevoke(partitions, now: now)
        dropUnread(Set(partitions).intersection(assignments.startedPaused))
        let deadline = now.monotonic.saturatingAdd(settings.drainTimeout.nanoseconds)
        drains.append(
            Drain(partitions: partitions, reason: reason, deadline: deadline, refusalsBefore: commits.refusals)
        )
    }

    /// Ends the drains whose calls are over, or out of time, and whose endings are durable.
    mutating func progressDrains(now: EngineTime) {
        // What one gives up may be what another waited for.
        while let index = drains.firstIndex(where: { isQuiet($0) || $0.deadline <= now.monotonic || hasFailed }) {
            let drain = drains.remove(at: index)
            if !isQuiet(drain) {
                let inFlight = callsInFlight(of: drain)
                actions.append(.report(.drainCutShort(drain.partitions.sorted(), callsInFlight: inFlight)))
            }
            end(drain, now: now)
        }
    }

    private func isQuiet(_ drain: Drain) -> Bool {
        // Some brokers take no offsets while the group rebalances, and the rebalance waits for us. The ledger is
        // durable by then and says which offset it follows, so the next owner knows all the same.
        let areOffsetsSettled = !hasUncommittedOffsets(of: drain) || commits.refusals > drain.refusalsBefore
        return callsInFlight(of: drain) == 0 && !hasUncommittedEndings(of: drain) && areOffsetsSettled
    }

    private func callsInFlight(of drain: Drain) -> Int {
        drain.partitions.reduce(0) { $0 + engine.callsInFlight(in: $1) }
    }

    /// Whether a commit of the partitions is under way or due. What goes on in others does not hold up the group; a worker
    /// that stops is done with all.
    private func hasUncommittedEndings(of drain: Drain) -> Bool {
        switch drain.reason {
        case .revoked:
            engine.hasCommit(of: drain.partitions)
                || commits.open.map { $0.epochs.keys.contains(where: drain.partitions.contains) } ?? false
        case .stopping: commits.open != nil || engine.hasCommit
        }
    }

    private func hasUncommittedOffsets(of drain: Drain) -> Bool {
        switch drain.reason {
        case .revoked: commits.retriedOffsets.keys.contains(where: drain.partitions.contains)
        case .stopping: !commits.retriedOffsets.isEmpty
        }
    }

    private mutating func end(_ drain: Drain, now: EngineTime) {
        forget(drain.partitions, now: now)
        switch drain.reason {
        case .revoked: actions.append(.finishRevoke(drain.partitions))
        case .stopping: actions.append(.stopped(uncommitted: commits.dropped + commits.droppedInStop))
        }
    }
}
