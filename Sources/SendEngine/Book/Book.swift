internal import InstagramMessaging

/// The account of what is read, finished, marked and durable: the assigned partitions with their ledgers, and what the next
/// commits hold.
///
/// Knows requests by record and slot, and nothing of why they end. Nothing but these methods changes what is kept here.
struct Book: Sendable {
    private var partitions = PartitionTable()
    private(set) var commits = CommitQueue()
    /// Partitions that are not fetched, since enough of them is outstanding.
    private(set) var paused = 0
    /// Requests whose mark has become durable, to be called with the next actions.
    private(set) var marked: [RecordID] = []
    /// Calls that run for partitions that were given up.
    private var orphans: [RecordID: Orphan] = [:]

    /// An assigned partition, or nil: a copy. What is asked for every record has a function of its own.
    subscript(number: Int32) -> Partition? { partitions.contains(number) ? partitions[number] : nil }

    func phase(of number: Int32) -> Partition.Phase {
        partitions.contains(number) ? partitions[number].phase : .draining
    }

    /// Until when calls of a partition's last owner may have reached Graph; `Int64.min` where none are to be waited for.
    func othersCalledUntil(_ number: Int32) -> Int64 {
        partitions.contains(number) ? partitions[number].othersCalledUntil : .min
    }

    func coldUntil(_ number: Int32) -> Int64 { partitions.contains(number) ? partitions[number].coldUntil : .min }

    var partitionCount: Int { partitions.count }
    var orphanCount: Int { orphans.count }

    func recordID(partition: Int32, offset: Int64) -> RecordID {
        RecordID(
            partition: partition,
            offset: offset,
            epoch: partitions.contains(partition) ? partitions[partition].epoch : 0
        )
    }

    /// The unfinished request of that name; nil where its assignment is over or it has ended.
    func slot(of id: RecordID) -> Int32? {
        isCurrent(id.partition, id.epoch) ? partitions[id.partition].ledger.request(at: id.offset) : nil
    }

    func isDraining(_ number: Int32) -> Bool { !partitions.contains(number) || partitions[number].isDraining }
}

/// Partitions, from their assignment to their end.
extension Book {
    mutating func assign(_ number: Int32, _ partition: Partition) {
        partitions.insert(partition, at: number)
        askForFirstCommit(of: number)
    }

    /// Starts giving a partition up: its records are ignored from now on. The next commit says which of its requests are
    /// started.
    ///
    /// - Returns: The requests that wait for their mark in vain; nil where there is nothing to start.
    mutating func beginDraining(_ number: Int32) -> [Int32]? {
        guard !isDraining(number) else { return nil }
        let marks = partitions[number].wantedMarks
        partitions[number].isDraining = true
        partitions[number].wantedMarks = []
        return marks.compactMap { partitions[number].ledger.request(at: $0) }
    }

    mutating func noteMarks(of number: Int32) {
        if partitions.contains(number), partitions[number].ledger.hasMarks { commits.note(number) }
    }

    /// Lets nothing more of a partition start, which is about to be removed.
    mutating func close(_ number: Int32) { change(number) { $0.isDraining = true } }

    /// Forgets partitions with their endings.
    mutating func remove(_ numbers: [Int32]) {
        for number in numbers {
            if partitions.contains(number), partitions[number].isPaused { paused -= 1 }
            partitions.remove(number)
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
        guard isCurrent(id.partition, id.epoch), !isDraining(id.partition), (0..<Int64.max).contains(id.offset) else {
            return nil
        }
        return partitions[id.partition].ledger.admission(of: id.offset)
    }

    /// Passes over a record that an earlier owner has finished.
    mutating func skip(_ id: RecordID) {
        change(id.partition) { $0.ledger.addFinished(id.offset) }
        commits.note(id.partition)
    }

    /// Adds a request that has been read.
    mutating func add(_ id: RecordID, request: Int32, _ admission: OffsetLedger.Admission) {
        change(id.partition) { $0.ledger.add(id.offset, request: request) }
        if case .startedBefore(let again) = admission { markStarted(id, again: again) }
    }

    /// Adds a record that ended as it was read.
    mutating func addFinished(_ finished: RequestEnd) {
        change(finished.id.partition) { $0.ledger.addFinished(finished.id.offset) }
        commits.append(finished)
    }

    /// A request has ended.
    mutating func finish(_ finished: RequestEnd) {
        commits.append(finished)
        change(finished.id.partition) { $0.ledger.finish(finished.id.offset) }
    }

    /// Counts a record that was read.
    ///
    /// - Returns: Whether the partition is to be paused, as so many are outstanding.
    mutating func countOutstanding(_ number: Int32, most: Int) -> Bool {
        askForFirstCommit(of: number)
        guard partitions.contains(number) else { return false }
        partitions[number].outstanding += 1
        guard partitions[number].outstanding >= max(most, 1), !partitions[number].isPaused else { return false }
        partitions[number].isPaused = true
        paused += 1
        return true
    }

    /// Counts an ending that is durable.
    ///
    /// - Returns: Whether the partition is to be fetched again.
    mutating func countDurable(_ finished: RequestEnd, most: Int) -> Bool {
        let number = finished.id.partition
        guard isCurrent(number, finished.id.epoch) else { return false }
        partitions[number].outstanding -= 1
        if finished.isInDoubt { partitions[number].inDoubt -= 1 }
        guard partitions[number].isPaused, !isDraining(number), partitions[number].outstanding <= max(most, 1) / 2
        else {
            return false
        }
        partitions[number].isPaused = false
        paused -= 1
        return true
    }

    // MARK: Calls

    mutating func callStarts(in partition: Int32) { change(partition) { $0.inFlight += 1 } }

    mutating func callLeaves(_ partition: Int32) { change(partition) { $0.inFlight -= 1 } }

    mutating func enterDoubt(in partition: Int32) { change(partition) { $0.inDoubt += 1 } }

    mutating func leaveDoubt(in partition: Int32) { change(partition) { $0.inDoubt -= 1 } }

    /// - Parameter again: Whether an earlier call of it had no known end.
    mutating func markStarted(_ id: RecordID, again: Bool) {
        change(id.partition) { $0.ledger.markStarted(id.offset, again: again) }
    }

    mutating func unmarkStarted(_ partition: Int32, _ offset: Int64) {
        change(partition) { $0.ledger.unmarkStarted(offset) }
    }

    /// Has the next commit say that a request is started, or that its hourly limit is used.
    mutating func wantMark(_ id: RecordID) {
        wantMarkAgain(id)
        commits.note(id.partition)
    }

    /// Has a mark be a part of a later commit: the one that it was in has failed.
    mutating func wantMarkAgain(_ id: RecordID) { change(id.partition) { $0.wantedMarks.append(id.offset) } }

    mutating func takeMarked() -> [RecordID] {
        guard !marked.isEmpty else { return [] }
        defer { marked = [] }
        return marked
    }

    mutating func append(_ attempts: CommitQueue.UnknownAttempts) { commits.append(attempts) }

    /// Changes a partition where it stands; one that is not assigned is left alone.
    private mutating func change(_ number: Int32, _ body: (inout Partition) -> Void) {
        if partitions.contains(number) { body(&partitions[number]) }
    }
}

/// Commits.
extension Book {
    /// Has the next commit hold a partition's state.
    mutating func note(_ partition: Int32) { commits.note(partition) }

    /// Has the next commit hold what is to be remembered of an account. Not in a partition of which there is no offset
    /// yet: no group would refuse it from a worker that has lost the partition, and nothing of it was called for this
    /// owner.
    mutating func note(account: String, in partition: Int32) {
        if partitions.contains(partition), partitions[partition].ledger.isAnchored {
            commits.note(account: account, in: partition)
        }
    }

    /// Has the next commit name the partition, where that is still to be done and there is an offset to name it with.
    mutating func askForFirstCommit(of number: Int32) {
        guard partitions.contains(number), partitions[number].wantsFirstCommit else { return }
        commits.note(number)
        commits.hurry()
    }

    /// Whether no commit runs or is due, though one could prove ownership.
    var lacksProofUnasked: Bool {
        !commits.isOpen && !commits.hasNews && partitions.first { $0.canProveOwnership } != nil
    }

    /// Has the next commit prove that a partition is still this worker's, unless one that runs will.
    ///
    /// - Parameter lease: For how long a proof holds, in nanoseconds.
    mutating func askForProof(of own: Int32, lease: Int64, now: Int64) {
        if let moment = commits.openProvesOwnershipAt, moment.saturatingAdd(lease) > now { return }
        // An account whose records are not keyed by it may have the rest of them in another partition.
        let isProof = partitions.contains(own) && partitions[own].canProveOwnership
        if isProof { commits.note(own) } else { _ = noteProof() }
    }

    /// Has the next commit hold some partition whose offset the group takes from its members only.
    ///
    /// - Returns: False where there is none.
    mutating func noteProof() -> Bool {
        guard let number = partitions.first(where: { $0.canProveOwnership }) else { return false }
        commits.note(number)
        return true
    }

    /// Takes out what the next commit holds.
    mutating func select() -> CommitQueue.Selection {
        let partitions = partitions
        return commits.select { partitions.contains($0) && partitions[$0].isDraining }
    }

    /// Takes the positions of partitions for the next commit.
    mutating func takePositions(of numbers: [Int32]) -> [CommitBatch.Position] {
        numbers.compactMap { number in
            guard let position = position(of: number) else { return nil }
            if position.nextOffset != nil, partitions[number].firstCommit == .due {
                partitions[number].firstCommit = .running
            }
            return position
        }
    }

    /// Takes the marks that a partition's part of the next commit holds, by request.
    mutating func takeWantedMarks(of number: Int32) -> [(RecordID, request: Int32)] {
        guard partitions.contains(number), !partitions[number].wantedMarks.isEmpty else { return [] }
        let marks = partitions[number].wantedMarks
        partitions[number].wantedMarks = []
        return marks.compactMap { offset in
            partitions[number].ledger.request(at: offset).map { (recordID(partition: number, offset: offset), $0) }
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
        where isCurrent(partition, epoch) {
            commits.note(partition)
            firstCommitEnded(of: partition, isDurable: false)
        }
        for (account, partition) in closed.accounts { commits.note(account: account, in: partition) }
        return closed
    }

    /// Whether a partition is still in the assignment that a commit was for.
    func isCurrent(_ number: Int32, _ epoch: UInt64) -> Bool {
        partitions.contains(number) && partitions[number].epoch == epoch
    }

    /// The first commit of an assignment may have ended.
    ///
    /// No call of a partition begins before a durable commit of this very assignment has named it, with its offset, though
    /// that has not moved: until then nobody else knows that this owner calls.
    ///
    /// - Returns: Whether the partition's calls may start from now on.
    @discardableResult
    mutating func firstCommitEnded(of number: Int32, isDurable: Bool) -> Bool {
        guard partitions.contains(number), partitions[number].firstCommit == .running else { return false }
        partitions[number].firstCommit = isDurable ? .durable : .due
        if !isDurable { askForFirstCommit(of: number) }
        return isDurable
    }

    /// The state of one partition as a batch that is taken at this moment has it; nil for one that is not assigned. What
    /// has ended and is not in the batch is not finished in it.
    func position(of number: Int32) -> CommitBatch.Position? {
        guard partitions.contains(number) else { return nil }
        let epoch = partitions[number].epoch
        var snapshot = partitions[number].ledger.snapshot()
        var next = partitions[number].ledger.nextOffset
        let left = commits.pending.filter { $0.id.partition == number && $0.id.epoch == epoch }
        if !left.isEmpty {
            snapshot.reopen(left)
            next = next.map { min($0, snapshot.base) }
        }
        return CommitBatch.Position(
            partition: number,
            epoch: epoch,
            nextOffset: next,
            snapshot: snapshot.encoded()
        )
    }
}
