internal import SendEngine

/// Giving partitions up, and stopping.
extension Replica {
    func beginDrain(_ partitions: [Int32], isStop: Bool, now: EngineTime) {
        engine.beginRevoke(partitions, now: now)
        let deadline = now.monotonic + plan.drainTimeout
        drains.append(
            Drain(partitions: partitions, isStop: isStop, deadline: deadline, refusalsBefore: delivery.refusals)
        )
    }

    /// As after SIGTERM: finish what runs, commit, leave, end.
    func stop() {
        process.after(0) { [self] in
            guard !isStopping else { return }
            trace("stops")
            isStopping = true
            run { beginDrain(epochs.keys.sorted(), isStop: true, now: $0) }
        }
    }

    func progressDrains(_ now: EngineTime) {
        guard !drains.isEmpty else { return }
        var remaining: [Drain] = []
        var ended: [Drain] = []
        var isCutShort = false
        for drain in drains {
            let inFlight = drain.partitions.reduce(0) { $0 + engine.callsInFlight(in: $1) }
            let owed =
                drain.isStop ? delivery.owedOffsets : delivery.owedOffsets.filter { drain.partitions.contains($0.key) }
            let areOffsetsSettled = owed.isEmpty || delivery.refusals > drain.refusalsBefore
            let isQuiet = inFlight == 0 && !isOwing(drain) && areOffsetsSettled
            if isQuiet || drain.deadline <= now.monotonic { ended.append(drain) } else { remaining.append(drain) }
            if !isQuiet, drain.deadline <= now.monotonic { isCutShort = true }
        }
        if isCutShort { cluster.noteLoss(of: self) }
        drains = remaining
        for drain in ended { end(drain, now: now) }
    }

    private func isOwing(_ drain: Drain) -> Bool {
        guard !drain.isStop else { return delivery.open != nil || engine.hasCommit }
        return engine.hasCommit(of: drain.partitions)
            || delivery.open.map { open in open.offsets.keys.contains(where: drain.partitions.contains) } ?? false
    }

    private func end(_ drain: Drain, now: EngineTime) {
        trace("gives up \(drain.partitions)")
        forget(drain.partitions, now: now)
        let given = drain.partitions
        for partition in given { owned[partition] = nil }
        let id = memberID
        if drain.isStop {
            process.ask(after: latency) { [self] in
                if let id { cluster.group.remove(id) }
                cluster.ended(self)
            }
        } else {
            process.ask(after: latency) { [self] in
                if let id { cluster.group.gaveUp(given, member: id) }
            }
        }
    }

    /// Drops all that belongs to partitions that are no longer ours.
    func forget(_ partitions: [Int32], now: EngineTime) {
        engine.remove(partitions, now: now)
        let gone = Set(partitions)
        for partition in gone {
            epochs[partition] = nil
            delivery.owedOffsets[partition] = nil
            committedBefore[partition] = nil
        }
        held = held.filter { !gone.contains($0.key.partition) }
        drains = drains.compactMap { drain in
            var drain = drain
            drain.partitions.removeAll(where: gone.contains)
            return drain.partitions.isEmpty && !drain.isStop ? nil : drain
        }
    }
}
