internal import InstagramMessaging

/// The account of what is read, finished, marked and durable: the assigned partitions with their ledgers, and what the next
/// commits hold.
///
/// Knows requests by record and slot, and nothing of why they end. Nothing but these methods changes what is kept here.
struct Book: Sendable {
    private(set) var partitions: [Int32: Partition] = [:]
    private(set) var commits = CommitQueue()
    /// Partitions that are not fetched, since enough of them is outstanding.
    private(set) var paused = 0
    /// Requests whose mark has become durable, to be called with the next actions.
    private(set) var marked: [RecordID] = []
    /// Calls that run for partitions that were given up.
    private var orphans: [RecordID: Orphan] = [:]

    subscript(partition: Int32) -> Partition? { partitions[partition] }

    var orphanCount: Int { orphans.count }

    func recordID(partition: Int32, offset: Int64) -> RecordID {
        RecordID(partition: partition, offset: offset, epoch: partitions[partition]?.epoch ?? 0)
    }

    /// The unfinished request of that name; nil where its assignment is over or it has ended.
    func slot(of id: RecordID) -> Int32? {
        guard let partition = partitions[id.partition], partition.epoch == id.epoch else { return nil }
        return partition.ledger.request(at: id.offset)
    }

    func isDraining(_ partition: Int32) -> Bool { partitions[partition]?.isDraining ?? true }
}

/// Partitions, from their assignment to their end.
extension Book {
    mutating func assign(_ number: Int32, _ partition: Partition) {
        partitions[number] = partition
        askForFirstCommit(of: number)
    }

    /// Starts giving a partition up: its records are ignored from now on. The next commit says which of its requests are
    /// started.
    ///
    /// - Returns: The requests that wait for their mark in vain; nil where there is nothing to start.
    mutating func beginDraining(_ number: Int32) -> [Int32]? {
        guard let partition = partitions[number], !partition.isDraining else { return nil }
        partitions[number]?.isDraining = true
        partitions[number]?.wantedMarks = []
        return partition.wantedMarks.compactMap { partition.ledger.request(at: $0) }
    }

    mutating func noteMarks(of number: Int32) {
        if partitions[number]?.ledger.hasMarks ?? false { commits.note(number) }
    }

    /// Lets nothing more of a partition start, which is about to be removed.
    mutating func close(_ number: Int32) { partitions[number]?.isDraining = true }

    /// Forgets partitions with their endings.
    mutating func remove(_ numbers: [Int32]) {
        for number in numbers {
            if partitions[number]?.isPaused == true { paused -= 1 }
            partitions[number] = nil
        }
        commits.remove(Set(numbers))
    }

    /// Notes a call that outlives its partition.
    mutating func addOrphan(_ orphan: Orphan, _ id: RecordID) { orphans[id] = orphan }

    mutating func removeOrphan(_ id: RecordID) -> Orphan? { orphans.removeValue(forKey: id) }
}

/// Records and their ends.
extension Book {
    /// Returns what a record is that was read; nil where it is nobody's here.
    func admission(of id: RecordID) -> OffsetLedger.Admission? {
        guard let partition = partitions[id.partition], partition.epoch == id.epoch, !partition.isDraining,
            (0..<Int64.max).contains(id.offset)
        else { return nil }
        return partition.ledger.admission(of: id.offset)
    }

    /// Passes over a record that an earlier owner has finished.
    mutating func skip(_ id: RecordID) {
        partitions[id.partition]?.ledger.addFinished(id.offset)
        commits.note(id.partition)
    }

    /// Adds a request that has been read.
    mutating func add(_ id: RecordID, request: Int32, _ admission: OffsetLedger.Admission) {
        partitions[id.partition]?.ledger.add(id.offset, request: request)
        if case .startedBefore(let again) = admission {
            partitions[id.partition]?.ledger.markStarted(id.offset, again: again)
        }
    }

    /// Adds a record that ended as it was read.
    mutating func addFinished(_ finished: RequestEnd) {
        partitions[finished.id.partition]?.ledger.addFinished(finished.id.offset)
        commits.append(finished)
    }

    /// A request has ended.
    mutating func finish(_ finished: RequestEnd) {
        commits.append(finished)
        partitions[finished.id.partition]?.ledger.finish(finished.id.offset)
    }

    /// Counts a record that was read.
    ///
    /// - Returns: Whether the partition is to be paused, as so many are outstanding.
    mutating func countOutstanding(_ number: Int32, most: Int) -> Bool {
        askForFirstCommit(of: number)
        guard let index = partitions.index(forKey: number) else { return false }
        partitions.values[index].outstanding += 1
        guard partitions.values[index].outstanding >= max(most, 1), !partitions.values[index].isPaused else {
            return false
        }
        partitions.values[index].isPaused = true
        paused += 1
        return true
    }

    /// Counts an ending that is durable.
    ///
    /// - Returns: Whether the partition is to be fetched again.
    mutating func countDurable(_ finished: RequestEnd, most: Int) -> Bool {
        let number = finished.id.partition
        guard let index = partitions.index(forKey: number), partitions.values[index].epoch == finished.id.epoch else {
            return false
        }
        partitions.values[index].outstanding -= 1
        if finished.isInDoubt { partitions.values[index].inDoubt -= 1 }
        let partition = partitions.values[index]
        guard partition.isPaused, !partition.isDraining, partition.outstanding <= max(most, 1) / 2 else { return false }
        partitions.values[index].isPaused = false
        paused -= 1
        return true
    }

    // MARK: Calls

    mutating func callStarts(in partition: Int32) { partitions[partition]?.inFlight += 1 }

    mutating func callLeaves(_ partition: Int32) { partitions[partition]?.inFlight -= 1 }

    mutating func enterDoubt(in partition: Int32) { partitions[partition]?.inDoubt += 1 }

    mutating func leaveDoubt(in partition: Int32) { partitions[partition]?.inDoubt -= 1 }

    /// - Parameter again: Whether an earlier call of it had no known end.
    mutating func markStarted(_ id: RecordID, again: Bool) {
        partitions[id.partition]?.ledger.markStarted(id.offset, again: again)
    }

    mutating func unmarkStarted(_ partition: Int32, _ offset: Int64) {
        partitions[partition]?.ledger.unmarkStarted(offset)
    }

    /// Has the next commit say that a request is started, or that its hourly limit is used.
    mutating func wantMark(_ id: RecordID) {
        partitions[id.partition]?.wantedMarks.append(id.offset)
        commits.note(id.partition)
    }

    /// Has a mark be a part of a later commit: the one that it was in has failed.
    mutating func wantMarkAgain(_ id: RecordID) { partitions[id.partition]?.wantedMarks.append(id.offset) }

    mutating func takeMarked() -> [RecordID] {
        guard !marked.isEmpty else { return [] }
        defer { marked = [] }
        return marked
    }

    mutating func append(_ attempts: CommitQueue.UnknownAttempts) { commits.append(attempts) }
}

/// Commits.
extension Book {
    /// Has the next commit hold a partition's state.
    mutating func note(_ partition: Int32) { commits.note(partition) }

    /// Has the next commit hold what is to be remembered of an account. Not in a partition of which there is no offset
    /// yet: no group would refuse it from a worker that has lost the partition, and nothing of it was called for this
    /// owner.
    mutating func note(account: String, in partition: Int32) {
        if partitions[partition]?.ledger.isAnchored ?? false { commits.note(account: account, in: partition) }
    }

    /// Has the next commit name the partition, where that is still to be done and there is an offset to name it with.
    mutating func askForFirstCommit(of number: Int32) {
        guard partitions[number]?.wantsFirstCommit ?? false else { return }
        commits.note(number)
        commits.hurry()
    }

    /// Whether no commit runs or is due, though one could prove ownership.
    var lacksProofUnasked: Bool {
        !commits.isOpen && !commits.hasNews && partitions.contains { $0.value.canProveOwnership }
    }

    /// Has the next commit prove that a partition is still this worker's, unless one that runs will.
    ///
    /// - Parameter lease: For how long a proof holds, in nanoseconds.
    mutating func askForProof(of own: Int32, lease: Int64, now: Int64) {
        if let moment = commits.openProvesOwnershipAt, moment.saturatingAdd(lease) > now { return }
        // An account whose records are not keyed by it may have the rest of them in another partition.
        if partitions[own]?.canProveOwnership ?? false { commits.note(own) } else { _ = noteProof() }
    }

    /// Has the next commit hold some partition whose offset the group takes from its members only.
    ///
    /// - Returns: False where there is none.
    mutating func noteProof() -> Bool {
        guard let number = partitions.filter({ $0.value.canProveOwnership }).keys.min() else { return false }
        commits.note(number)
        return true
    }

    /// Takes out what the next commit holds.
    mutating func select() -> CommitQueue.Selection {
        let partitions = partitions
        return commits.select { partitions[$0]?.isDraining ?? false }
    }

    /// Takes the positions of partitions for the next commit.
    mutating func takePositions(of numbers: [Int32]) -> [CommitBatch.Position] {
        numbers.compactMap { number in
            guard let position = position(of: number) else { return nil }
            if position.nextOffset != nil, partitions[number]?.firstCommit == .due {
                partitions[number]?.firstCommit = .running
            }
            return position
        }
    }

    /// Takes the marks that a partition's part of the next commit holds, by request.
    mutating func takeWantedMarks(of number: Int32) -> [(RecordID, request: Int32)] {
        guard let partition = partitions[number], !partition.wantedMarks.isEmpty else { return [] }
        partitions[number]?.wantedMarks = []
        return partition.wantedMarks.compactMap { offset in
            partition.ledger.request(at: offset).map {
                (RecordID(partition: number, offset: offset, epoch: partition.epoch), $0)
            }
        }
    }

    mutating func begin(
        _ selection: CommitQueue.Selection,
        positions: [CommitBatch.Position],
        accounts: [CommitBatch.AccountState],
        marks: [RecordID],
        now: Int64
    ) -> CommitBatch {
        commits.begin(selection, positions: positions, accounts: accounts, marks: marks, now: now)
    }

    /// Closes the open commit, which is durable; nil where another number, or none, is open.
    mutating func succeed(_ number: UInt64) -> CommitQueue.Closed? {
        guard let closed = commits.close(number, isTooMuch: false) else { return nil }
        marked += closed.marks
        return closed
    }

    /// Closes the open commit, which never will be durable; what it held comes again.
    mutating func fail(_ number: UInt64, isTooMuch: Bool) -> CommitQueue.Closed? {
        guard let closed = commits.close(number, isTooMuch: isTooMuch ? true : nil) else { return nil }
        commits.putBack(closed.finished)
        commits.putBack(closed.unknowns)
        for (partition, epoch) in closed.partitions.sorted(by: { $0.key < $1.key })
        where partitions[partition]?.epoch == epoch {
            commits.note(partition)
            firstCommitEnded(of: partition, isDurable: false)
        }
        for (account, partition) in closed.accounts { commits.note(account: account, in: partition) }
        return closed
    }

    /// Whether a partition is still in the assignment that a commit was for.
    func isCurrent(_ partition: Int32, _ epoch: UInt64) -> Bool { partitions[partition]?.epoch == epoch }

    /// The first commit of an assignment may have ended.
    ///
    /// No call of a partition begins before a durable commit of this very assignment has named it, with its offset, though
    /// that has not moved: until then nobody else knows that this owner calls.
    ///
    /// - Returns: Whether the partition's calls may start from now on.
    @discardableResult
    mutating func firstCommitEnded(of number: Int32, isDurable: Bool) -> Bool {
        guard partitions[number]?.firstCommit == .running else { return false }
        partitions[number]?.firstCommit = isDurable ? .durable : .due
        if !isDurable { askForFirstCommit(of: number) }
        return isDurable
    }

    /// The state of one partition as a batch that is taken at this moment has it; nil for one that is not assigned. What
    /// has ended and is not in the batch is not finished in it.
    func position(of number: Int32) -> CommitBatch.Position? {
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
