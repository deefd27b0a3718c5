internal import InstagramMessaging
internal import SendEngine

/// A commit that is under way.
struct OpenCommit {
    var commit: ReplicaCommit
    /// Tells its state records from those of other commits.
    var marker: String
    /// The moment at which it was asked for, on the true clock.
    var takenAt: Int64
}

/// The calls that a worker's committer needs, with transactions and without.
extension Worker {
    func start(_ commit: ReplicaCommit) {
        let now = cluster.timeline.now
        var commit = commit
        // No result can be written of a request whose payload is gone.
        commit.finished.removeAll { pending[$0.id] == nil }
        let open = OpenCommit(commit: commit, marker: "\(name)-\(commit.number)-\(now)", takenAt: now)
        let done: (CommitOutcome) -> Void = { [self] outcome in
            process.after(0) { [self] in end(open, outcome) }
        }
        switch plan.guarantee {
        case .exactlyOnce: transact(open, done)
        case .atLeastOnce: publish(open, done)
        }
    }

    private func end(_ open: OpenCommit, _ outcome: CommitOutcome) {
        let commit = open.commit
        let offsets = commit.offsets.sorted { $0.key < $1.key }.map { "\($0.key) up to \($0.value)" }
        trace("commit \(commit.number) with \(commit.finished.map(\.id.offset)), \(offsets): \(outcome)")
        if outcome == .committed {
            for account in commit.accounts {
                cluster.graph.remembered(account.accountID, by: name, takenAt: open.takenAt)
            }
        }
        isLosing = !outcome.isDurable
        run(.commitEnded(number: commit.number, .success(outcome), askedAt: groupAskedAt))
    }

    func results(of open: OpenCommit) -> [KafkaModel.ResultRecord] {
        open.commit.finished.map { finished in
            KafkaModel.ResultRecord(
                key: ModelRequest.Key(partition: finished.id.partition, offset: finished.id.offset),
                status: finished.status,
                attempts: finished.attempts,
                possibleDuplicate: finished.possibleDuplicate,
                hasError: finished.error != nil,
                writer: name,
                writtenAt: cluster.timeline.now
            )
        }
    }

    func stateRecords(of open: OpenCommit) -> [(Int32, KafkaModel.StateRecord)] {
        var records: [(Int32, KafkaModel.StateRecord)] = []
        for (partition, ledger) in open.commit.ledgers.sorted(by: { $0.key < $1.key }) {
            let before = open.commit.committedBefore[partition]
            let record = KafkaModel.StateRecord(
                key: .ledger,
                value: ledger,
                marker: open.marker,
                committedBefore: before
            )
            records.append((partition, record))
        }
        for account in open.commit.accounts {
            let key = KafkaModel.StateKey.account(account.accountID)
            records.append(
                (account.partition, .init(key: key, value: account.memory, words: account.words, marker: open.marker))
            )
        }
        return records
    }

    func partitionsOwned(of open: OpenCommit) -> Set<Int32> {
        open.commit.partitionsOwned(in: owned.mapValues(\.epoch))
    }

    /// Whether all partitions of a commit are still this consumer's, in the assignments that it was made for.
    func stillOwns(_ open: OpenCommit) -> Bool {
        partitionsOwned(of: open).count == open.commit.offsets.count
    }
}
