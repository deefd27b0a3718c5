internal import InstagramMessaging

/// The content that one commit has to make durable, all together.
///
/// The engine keeps every part of it until it is told that the commit succeeded; after a failure the next batch holds
/// the same parts again.
package struct CommitBatch: Sendable {
    /// A finished request whose result (and, unless it was sent, dead letter) is to be published.
    package struct Finished: Sendable, Hashable {
        package var id: RecordID
        package var termination: Termination
        /// It was called, so that this worker's death could double it until this is durable.
        package var isInDoubt: Bool

        package init(id: RecordID, termination: Termination, isInDoubt: Bool = false) {
            self.id = id
            self.termination = termination
            self.isInDoubt = isInDoubt
        }
    }

    /// The state of one partition once this batch is durable.
    package struct Position: Sendable, Hashable {
        package var partition: Int32
        package var epoch: UInt64
        /// The offset to commit to the group: all below it is finished. Nil where none is committed and nothing has been
        /// read yet.
        package var nextOffset: Int64?
        /// The encoded ledger snapshot that belongs to that offset.
        package var snapshot: [UInt8]

        package init(partition: Int32, epoch: UInt64, nextOffset: Int64?, snapshot: [UInt8]) {
            self.partition = partition
            self.epoch = epoch
            self.nextOffset = nextOffset
            self.snapshot = snapshot
        }
    }

    /// The content that the state topic is to have for one account.
    package struct AccountState: Sendable, Hashable {
        /// The partition whose state it is a part of.
        package var partition: Int32
        package var epoch: UInt64
        package var accountID: String
        /// An encoded `AccountMemory`; nil where nothing is to be remembered any more.
        package var memory: [UInt8]?
        /// The part of it that stands beside the rest, as earlier versions would not read the whole otherwise.
        package var words: [UInt8]?

        package init(
            partition: Int32,
            epoch: UInt64,
            accountID: String,
            memory: [UInt8]?,
            words: [UInt8]? = nil
        ) {
            self.partition = partition
            self.epoch = epoch
            self.accountID = accountID
            self.memory = memory
            self.words = words
        }
    }

    /// Rises by one with every batch.
    package var number: UInt64
    package var finished: [Finished]
    package var positions: [Position]
    package var accounts: [AccountState]

    package init(number: UInt64, finished: [Finished], positions: [Position], accounts: [AccountState] = []) {
        self.number = number
        self.finished = finished
        self.positions = positions
        self.accounts = accounts
    }
}

extension SendEngine {
    /// Requests that have ended and that no open batch holds.
    package var finishedCount: Int { commits.pendingCount }

    /// Requests of these partitions that have ended, with a batch that holds them or not, and are not durable.
    package func uncommittedCount(of partitions: Set<Int32>) -> Int { commits.count(of: partitions) }

    /// Whether `takeCommit` would return a batch.
    package var hasCommit: Bool { commits.hasNews }

    /// Whether anything of these partitions waits for a batch or is in the open one.
    package func hasCommit(of partitions: [Int32]) -> Bool { commits.holds(partitions) }

    /// All that has ended since the last batch, and the state of each partition where anything has changed: endings,
    /// requests that wait to be marked as started, or what is to be remembered of accounts. After commits that failed only
    /// as much of it as `CommitSizing` lets in. Nil where there is nothing new or a batch is open.
    package mutating func takeCommit() -> CommitBatch? {
        guard commits.hasNews else { return nil }
        let selection = commits.select { partitions[$0]?.isDraining ?? false }
        var positions: [CommitBatch.Position] = []
        var marks: [RecordID] = []
        for number in selection.partitions {
            guard let position = position(of: number) else { continue }
            positions.append(position)
            if position.nextOffset != nil { firstCommitBegins(of: number) }
            marks += takeMarks(of: number)
        }
        return commits.begin(
            selection,
            positions: positions,
            accounts: takeStates(of: selection.accounts),
            marks: marks,
            now: clock.monotonic
        )
    }

    private mutating func takeMarks(of number: Int32) -> [RecordID] {
        guard let partition = partitions[number] else { return [] }
        partitions[number]?.wantedMarks = []
        var marks: [RecordID] = []
        for offset in partition.wantedMarks {
            guard let slot = partition.ledger.request(at: offset), isMarking(slot),
                requests[slot].flags.insert(.markIsInCommit).inserted
            else { continue }
            marks.append(RecordID(partition: number, offset: offset, epoch: partition.epoch))
        }
        return marks
    }

    private func isMarking(_ slot: Int32) -> Bool {
        let lane = requests[slot].lane
        return lanes[lane].head == slot && lanes[lane].stage == .marking
    }

    /// The batch of that number is durable, its offsets perhaps not.
    ///
    /// - Parameters:
    ///   - areOffsetsDurable: Whether the group took the batch's offsets too.
    ///   - provesOwnership: Whether that shows that this worker is a member of its group, from which alone it takes them,
    ///     and will be for a while.
    ///   - askedAt: When the group was asked to take them, if that is known: the proof counts from then on, else from
    ///     when the batch was put together.
    package mutating func commitSucceeded(
        _ number: UInt64,
        areOffsetsDurable: Bool = true,
        provesOwnership: Bool = true,
        askedAt: Int64 = .min,
        now: EngineTime
    ) {
        observe(now)
        guard let closed = commits.close(number, isTooMuch: false) else { return }
        if areOffsetsDurable, provesOwnership, let moment = closed.provesOwnershipAt {
            provenAt = max(provenAt, moment, askedAt)
        }
        for finished in closed.finished { countDurable(finished) }
        for attempts in closed.unknowns { unknownsAreDurable(attempts) }
        for (partition, epoch) in closed.partitions.sorted(by: { $0.key < $1.key })
        where partitions[partition]?.epoch == epoch {
            firstCommitEnded(of: partition, isDurable: areOffsetsDurable)
        }
        marked += closed.marks
    }

    /// The batch of that number is not durable, and never will be; its parts come again in the next ones.
    ///
    /// - Parameter isTooMuch: Whether it may have been too much; not where the group did not take this worker's offsets.
    package mutating func commitFailed(_ number: UInt64, isTooMuch: Bool = true, now: EngineTime) {
        observe(now)
        guard let closed = commits.close(number, isTooMuch: isTooMuch ? true : nil) else { return }
        commits.putBack(closed.finished)
        commits.putBack(closed.unknowns)
        for (partition, epoch) in closed.partitions where partitions[partition]?.epoch == epoch {
            commits.note(partition)
            firstCommitEnded(of: partition, isDurable: false)
        }
        for (account, partition) in closed.accounts { commits.note(account: account, in: partition) }
        for id in closed.marks {
            guard let slot = slot(of: id), requests[slot].flags.remove(.markIsInCommit) != nil else { continue }
            if partitions[id.partition]?.isDraining ?? true {
                unmark(slot)
            } else {
                partitions[id.partition]?.wantedMarks.append(id.offset)
            }
        }
    }

    private mutating func countDurable(_ finished: CommitBatch.Finished) {
        let id = finished.id
        guard partitions[id.partition]?.epoch == id.epoch else { return }
        partitions[id.partition]?.outstanding -= 1
        if finished.isInDoubt {
            gauges.inDoubt -= 1
            partitions[id.partition]?.inDoubt -= 1
        }
        guard let partition = partitions[id.partition], partition.isPaused, !partition.isDraining,
            partition.outstanding <= max(settings.maxOutstandingPerPartition, 1) / 2
        else { return }
        partitions[id.partition]?.isPaused = false
        gauges.pausedPartitions -= 1
        actions.append(.resume(partition: id.partition))
    }
}

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
