internal import InstagramMessaging
internal import SendEngine

/// The committer for brokers without transactions: results and dead letters, then state, then offsets.
extension Worker {
    private static var retryDelay: Int64 { 250 * Span.millisecond }

    func publish(_ open: OpenCommit, _ done: @escaping (CommitOutcome) -> Void) {
        if cluster.faults.happens(.publishFailure) {
            process.after(Self.retryDelay) { [self] in publish(open, done) }
            return
        }
        process.ask(after: latency) { [self] in
            let results = results(of: open)
            cluster.kafka.append(deadLetters: results.filter { $0.status != .sent })
            cluster.kafka.append(results: results)
            process.hear(after: latency, by: .producer) { [self] in publishState(open, done) }
        }
    }

    private func publishState(_ open: OpenCommit, _ done: @escaping (CommitOutcome) -> Void) {
        // State of a partition that is somebody else's by now would hide what its new owner wrote.
        let epochs = open.commit.epochs
        let records = stateRecords(of: open).filter { owned[$0.0] != nil && owned[$0.0]?.epoch == epochs[$0.0] }
        process.ask(after: latency) { [self] in
            for (partition, record) in records {
                cluster.noteState(of: partition, by: self)
                cluster.kafka.append(state: [record], to: partition)
            }
            process.hear(after: latency, by: .producer) { [self] in commitOffsets(open, done) }
        }
    }

    private func commitOffsets(_ open: OpenCommit, _ done: @escaping (CommitOutcome) -> Void) {
        guard !open.commit.offsets.isEmpty else { return done(.committed) }
        guard let memberID, stillOwns(open) else { return done(.offsetsPending) }
        let known = generation
        groupAskedAt = process.monotonic
        let isLost = cluster.faults.happens(.commitTimedOutNotApplied)
        let isReplyLost = cluster.faults.happens(.commitTimedOutApplied)
        process.ask(after: latency) { [self] in
            let isMember = cluster.group.accepts(member: memberID, generation: known)
            let isTaken = !isLost && isMember
            if isTaken {
                for (partition, offset) in open.commit.offsets {
                    cluster.kafka.setCommitted(partition, offset, by: name)
                }
            }
            let refusal = isLost || isReplyLost || isMember ? CommitOutcome.offsetsPending : .offsetsRefused
            process.hear(after: latency) { done(isTaken && !isReplyLost ? .committed : refusal) }
        }
    }
}
