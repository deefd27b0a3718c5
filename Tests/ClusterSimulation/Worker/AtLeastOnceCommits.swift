internal import InstagramMessaging
internal import SendEngine

/// The committer for brokers without transactions: dead letters, results, state, offsets.
extension Worker {
    func publish(_ open: OpenCommit, _ done: @escaping (CommitOutcome) -> Void) {
        published.begin(open.commit.epochs)
        let results = results(of: open)
        publish(results.filter { $0.status != .sent }, to: .deadLetters, open) { [self] areAllTaken in
            guard areAllTaken else { return done(.nothing) }
            publish(results, to: .results, open) { [self] areAllTaken in
                if areAllTaken { publishState(open, done) } else { done(.nothing) }
            }
        }
    }

    private enum Topic: String { case deadLetters, results }

    private func publish(
        _ results: [KafkaModel.ResultRecord],
        to topic: Topic,
        _ open: OpenCommit,
        then go: @escaping (_ areAllTaken: Bool) -> Void
    ) {
        let outgoing = results.map { ($0, Self.published($0, in: topic)) }.filter { !published.contains($0.1) }
        guard !outgoing.isEmpty else { return go(true) }
        process.ask(after: latency) { [self] in
            let isPartial = cluster.faults.happens(.publishFailure)
            let answers = outgoing.map { ($0.0, $0.1, isTaken: !isPartial || random.chance(50)) }
            for (result, _, isTaken) in answers where isTaken {
                switch topic {
                case .deadLetters: cluster.kafka.append(deadLetters: [result])
                case .results: cluster.kafka.append(results: [result])
                }
            }
            process.hear(after: latency, by: .producer) { [self] in
                go(published.note(answers.map { ($0.1, $0.isTaken) }, epochs: open.commit.epochs))
            }
        }
    }

    private static func published(_ result: KafkaModel.ResultRecord, in topic: Topic) -> PublishedRecords.Record {
        PublishedRecords.Record(partition: result.key.partition, offset: result.key.offset, topic: topic.rawValue)
    }

    private func publishState(_ open: OpenCommit, _ done: @escaping (CommitOutcome) -> Void) {
        // State of a partition that is somebody else's by now would hide what its new owner wrote.
        let own = partitionsOwned(of: open)
        let records = stateRecords(of: open).filter { own.contains($0.0) }
        process.ask(after: latency) { [self] in
            for (partition, record) in records {
                cluster.noteState(of: partition, by: self)
                cluster.kafka.append(state: [record], to: partition)
            }
            process.hear(after: latency, by: .producer) { [self] in
                published.forget(open.commit.finished.lazy.map(\.id))
                commitOffsets(open, done)
            }
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
