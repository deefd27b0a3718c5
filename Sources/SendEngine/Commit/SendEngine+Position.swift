internal import InstagramMessaging

extension SendEngine {
    /// The state of one partition as a batch that is taken at this moment has it; nil for one that is not ours.
    ///
    /// Right after `takeCommit` it may be made durable together with that batch. What has ended and is not in the batch is
    /// not finished in it.
    package func position(of number: Int32) -> CommitBatch.Position? {
        guard let partition = partitions[number] else { return nil }
        var snapshot = partition.ledger.snapshot()
        var next = partition.ledger.nextOffset
        let left = commits.pending.filter { $0.id.partition == number && $0.id.epoch == partition.epoch }
        if !left.isEmpty {
            snapshot.reopen(left)
            next = next.map { min($0, snapshot.base) }
        }
        return CommitBatch.Position(
            partition: number,
            epoch: partition.epoch,
            nextOffset: next,
            snapshot: snapshot.encoded()
        )
    }
}

extension PartitionSnapshot {
    /// Takes back that requests are finished. Those that were delivered, or may have been, are to be known as called: one
    /// that may be called once only must not be called again.
    fileprivate mutating func reopen(_ endings: [CommitBatch.Finished]) {
        let open = endings.sorted { $0.id.offset < $1.id.offset }
        guard let first = open.first?.id.offset else { return }
        if first < base {
            finished.insert(first..<base, at: 0)
            base = first
        }
        finished = finished.without(open.map(\.id.offset))
        for ending in open where ending.termination.mayBeDelivered {
            let list = ending.termination.possibleDuplicate ? \PartitionSnapshot.resent : \.started
            self[keyPath: list].insertJoining(ending.id.offset)
        }
    }
}

extension Termination {
    fileprivate var mayBeDelivered: Bool { status == .sent || status == .unknown }
}

extension [Range<Int64>] {
    /// The ascending ranges without single values, which are ascending, too.
    fileprivate func without(_ values: [Int64]) -> [Range<Int64>] {
        var rest: [Range<Int64>] = []
        var values = values[...]
        for range in self {
            var lower = range.lowerBound
            while let value = values.first, value < range.upperBound {
                values.removeFirst()
                guard value >= lower else { continue }
                if value > lower { rest.append(lower..<value) }
                lower = value + 1
            }
            if lower < range.upperBound { rest.append(lower..<range.upperBound) }
        }
        return rest
    }

    /// Adds a value that none of the ascending ranges holds.
    fileprivate mutating func insertJoining(_ value: Int64) {
        let index = firstIndex { $0.lowerBound > value } ?? count
        insert(value..<value + 1, at: index)
        if index + 1 < count, self[index + 1].lowerBound == value + 1 {
            self[index] = value..<remove(at: index + 1).upperBound
        }
        if index > 0, self[index - 1].upperBound == value {
            self[index - 1] = self[index - 1].lowerBound..<remove(at: index).upperBound
        }
    }
}
