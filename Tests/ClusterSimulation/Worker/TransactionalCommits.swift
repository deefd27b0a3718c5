internal import InstagramMessaging
internal import SendEngine

/// The transactional committer: results, dead letters, state and offsets in one transaction.
extension Worker {
    private static var callTimeout: Int64 { 3 * Span.second }
    private static var retryDelay: Int64 { 250 * Span.millisecond }

    func transact(_ open: OpenCommit, _ done: @escaping (CommitOutcome) -> Void) {
        withProducer { [self] epoch in fill(open, epoch, done) }
    }

    private func withProducer(_ body: @escaping (Int) -> Void) {
        if let producerEpoch { return body(producerEpoch) }
        process.ask(after: latency) { [self] in
            guard !process.isDead else { return }
            let epoch = cluster.kafka.initTransactions(transactionalID)
            process.hear(after: latency, by: .producer) { [self] in
                producerEpoch = epoch
                body(epoch)
            }
        }
    }

    /// Asks the brokers, then goes on with what they say; a replica that is fenced ends.
    private func ask<Value>(
        _ request: @escaping () throws(KafkaModel.Refusal) -> Value,
        then go: @escaping (Value) -> Void,
        refused: @escaping () -> Void
    ) {
        process.ask(after: latency) { [self] in
            let answer: Result<Value, KafkaModel.Refusal>
            do throws(KafkaModel.Refusal) { answer = .success(try request()) } catch { answer = .failure(error) }
            process.hear(after: latency, by: .producer) { [self] in
                switch answer {
                case .success(let value): go(value)
                case .failure(.fenced): fenced()
                case .failure: refused()
                }
            }
        }
    }

    private func fenced() {
        trace("is fenced and ends")
        if let memberID { cluster.group.remove(memberID) }
        cluster.ended(self)
    }

    private func fill(_ open: OpenCommit, _ epoch: Int, _ done: @escaping (CommitOutcome) -> Void) {
        let kafka = cluster.kafka
        let isLost = cluster.faults.happens(.publishFailure)
        for (partition, _) in stateRecords(of: open) where open.commit.offsets[partition] == nil {
            cluster.violated("\(name) writes state of partition \(partition) without the offset that the group fences")
        }
        ask { [self] () throws(KafkaModel.Refusal) -> Int in
            let transaction = try kafka.transaction(of: transactionalID, epoch: epoch)
            if isLost { throw .unreachable }
            for (partition, record) in stateRecords(of: open) {
                kafka.append(state: [record], to: partition, transaction: transaction)
            }
            let results = results(of: open)
            kafka.append(results: results, transaction: transaction)
            kafka.append(deadLetters: results.filter { $0.status != .sent }, transaction: transaction)
            return transaction
        } then: { [self] transaction in
            sendOffsets(open, epoch, transaction, done)
        } refused: { [self] in
            abort(epoch, .nothing, done)
        }
    }

    private func sendOffsets(
        _ open: OpenCommit,
        _ epoch: Int,
        _ transaction: Int,
        _ done: @escaping (CommitOutcome) -> Void
    ) {
        guard !open.commit.offsets.isEmpty else { return commit(open, epoch, done) }
        // The metadata is that of the present membership: it must not vouch for partitions of an earlier one.
        guard let memberID, stillOwns(open) else { return abort(epoch, .notOurs, done) }
        let known = generation
        groupAskedAt = process.monotonic
        ask { [self] () throws(KafkaModel.Refusal) in
            guard cluster.group.accepts(member: memberID, generation: known) else { throw .notMember }
            try cluster.kafka.addOffsets(open.commit.offsets, to: transaction, by: name)
        } then: { [self] in
            commit(open, epoch, done)
        } refused: { [self] in
            abort(epoch, .notOurs, done)
        }
    }

    private func commit(_ open: OpenCommit, _ epoch: Int, _ done: @escaping (CommitOutcome) -> Void) {
        let (kafka, id) = (cluster.kafka, transactionalID)
        if cluster.faults.happens(.commitAborted) { return abort(epoch, .nothing, done) }
        let isApplied = cluster.faults.happens(.commitTimedOutApplied)
        if isApplied || cluster.faults.happens(.commitTimedOutNotApplied) {
            if isApplied { process.ask(after: latency) { try? kafka.commitTransaction(of: id, epoch: epoch) } }
            process.after(Self.callTimeout) { [self] in
                producerEpoch = nil
                withProducer { [self] _ in resolve(open, done) }
            }
            return
        }
        ask { () throws(KafkaModel.Refusal) in
            try kafka.commitTransaction(of: id, epoch: epoch)
        } then: {
            done(.committed)
        } refused: {
            done(.nothing)
        }
    }

    /// After a commit that timed out and a new producer that has ended it: what the state topic holds tells which way.
    private func resolve(_ open: OpenCommit, _ done: @escaping (CommitOutcome) -> Void) {
        process.ask(after: latency) { [self] in
            let states = open.commit.ledgers.keys.sorted().map { cluster.kafka.readState($0) }
            process.hear(after: latency, by: .stateReader) { [self] in
                let outcome = CommitOutcome.resolving(open.marker, newest: states.map(\.ledger?.marker))
                if outcome == .committed || states.allSatisfy(\.isComplete) {
                    done(outcome)
                } else {
                    // What is asked for may stand behind the open transaction of somebody else.
                    process.after(Self.retryDelay) { [self] in resolve(open, done) }
                }
            }
        }
    }

    private func abort(
        _ epoch: Int,
        _ outcome: CommitOutcome,
        _ done: @escaping (CommitOutcome) -> Void
    ) {
        let (kafka, id) = (cluster.kafka, transactionalID)
        ask { () throws(KafkaModel.Refusal) in
            try kafka.abortTransaction(of: id, epoch: epoch)
        } then: { [self] in
            process.after(Self.retryDelay) { done(outcome) }
        } refused: { [self] in
            process.after(Self.retryDelay) { done(outcome) }
        }
    }
}
