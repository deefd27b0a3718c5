import InstagramMessaging
import KafkaClient
import SendEngine
import Telemetry

/// Partitions on their way out: no new call starts for them, running ones get until the deadline.
struct Drain {
    enum Reason {
        /// The group took them: they are given up once what ended is durable.
        case revoked
        /// The worker stops: it leaves the group once what ended is durable.
        case stopping
    }

    var partitions: [Int32]
    var reason: Reason
    /// On the monotonic clock, in nanoseconds.
    var deadline: Int64
    /// How many deliveries' offsets had been refused when it began.
    var refusalsBefore: Int
}

extension EngineLoop {
    func beginDrain(of partitions: [Int32], reason: Drain.Reason, now: EngineTime) {
        if reason == .revoked { metrics.partitionsRevoked(partitions.count) }
        engine.beginRevoke(partitions, now: now)
        // Nobody waits for their state any more.
        assignments.remove(Set(partitions).intersection(assignments.onHold))
        let deadline = now.monotonic + settings.drainTimeout.wholeNanoseconds
        drains.append(
            Drain(partitions: partitions, reason: reason, deadline: deadline, refusalsBefore: delivery.refusals)
        )
    }

    func beginStop(now: EngineTime) {
        guard !isStopping else { return }
        isStopping = true
        beginDrain(of: Array(epochs.keys), reason: .stopping, now: now)
    }

    /// Ends the drains whose calls are over, or out of time, and whose endings are durable.
    func progressDrains(now: EngineTime) {
        guard !drains.isEmpty else { return }
        var remaining: [Drain] = []
        for drain in drains {
            let isOutOfTime = drain.deadline <= now.monotonic
            let inFlight = drain.partitions.reduce(0) { $0 + engine.callsInFlight(in: $1) }
            // What goes on in other partitions does not hold up the group; a worker that stops is done with all.
            let isOwing =
                drain.reason == .stopping ? delivery.open != nil || engine.hasCommit : isOwing(drain.partitions)
            // Some brokers take no offsets while the group rebalances, and the rebalance waits for us. The ledger is
            // durable by then and says which offset it follows, so the next owner knows all the same.
            let areOffsetsSettled = !owesOffsets(of: drain) || delivery.refusals > drain.refusalsBefore
            let isQuiet = inFlight == 0 && !isOwing && areOffsetsSettled
            if isQuiet || isOutOfTime || failure != nil {
                end(drain, isOutOfTime: !isQuiet, inFlight: inFlight, now: now)
            } else {
                remaining.append(drain)
            }
        }
        drains = remaining
    }

    /// Whether a delivery of these partitions is open or due.
    private func isOwing(_ partitions: [Int32]) -> Bool {
        engine.hasCommit(of: partitions)
            || delivery.open.map { open in open.epochs.keys.contains { partitions.contains($0.partition) } } ?? false
    }

    private func owesOffsets(of drain: Drain) -> Bool {
        switch drain.reason {
        case .revoked: delivery.owedOffsets.keys.contains { drain.partitions.contains($0.partition) }
        case .stopping: !delivery.owedOffsets.isEmpty
        }
    }

    private func end(_ drain: Drain, isOutOfTime: Bool, inFlight: Int, now: EngineTime) {
        if isOutOfTime {
            logger.warning(
                "partitions are given up before everything in them was finished and committed",
                metadata: ["partitions": "\(drain.partitions.sorted())", "calls_in_flight": "\(inFlight)"]
            )
        }
        forget(drain.partitions, now: now)
        switch drain.reason {
        case .revoked: ports.consumer(.finishRevoke(drain.partitions))
        case .stopping:
            whenDrained?.resume(returning: delivery.dropped)
            whenDrained = nil
        }
    }

    /// Drops all that belongs to partitions that are no longer ours.
    func forget(_ partitions: [Int32], now: EngineTime) {
        let ours = partitions.filter { epochs[$0] != nil }
        let gone = Set(partitions)
        delivery.dropped += engine.uncommittedCount(of: gone)
        engine.remove(partitions, now: now)
        assignments.remove(gone)
        for partition in gone {
            epochs[partition] = nil
            delivery.owedOffsets[TopicPartition(topic: requestsTopic, partition: partition)] = nil
        }
        held = held.filter { !gone.contains($0.key.partition) }
        spans.giveUp(gone)
        drains = drains.compactMap { drain in
            var drain = drain
            drain.partitions.removeAll(where: gone.contains)
            return drain.partitions.isEmpty && drain.reason == .revoked ? nil : drain
        }
        if !ours.isEmpty {
            logger.info("partitions given up", metadata: ["partitions": "\(ours.sorted())"])
        }
    }

    /// Stops starting calls and returns once what ran has ended and is durable, or the drain time-out has passed.
    ///
    /// - Returns: How many outcomes were given up that could not be committed, since something could be last.
    @discardableResult
    package func drain() async -> Int {
        await withCheckedContinuation { continuation in
            whenDrained = continuation
            post(.drain)
        }
    }

    func fail(_ error: CommitError) {
        guard failure == nil else { return }
        failure = error
        engine.isSuspended = true
        logger.critical("nothing can be committed any more", metadata: ["reason": "\(error)"])
        onFailure(error)
    }
}
