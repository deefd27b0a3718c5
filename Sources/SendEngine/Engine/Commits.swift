/// Commits: what they hold, and what follows from their ends.
extension SendEngine {
    /// Requests that have ended and that no open batch holds.
    package var finishedCount: Int { book.commits.pendingCount }

    /// Requests of these partitions that have ended, with a batch that holds them or not, and are not durable.
    package func uncommittedCount(of partitions: Set<Int32>) -> Int { book.commits.count(of: partitions) }

    /// Whether `takeCommit` would return a batch.
    package var hasCommit: Bool { book.commits.hasNews }

    /// Whether anything of these partitions waits for a batch or is in the open one.
    package func hasCommit(of partitions: [Int32]) -> Bool { book.commits.holds(partitions) }

    /// All that has ended since the last batch, and the state of each partition where anything has changed: endings,
    /// requests that wait to be marked as started, or what is to be remembered of accounts. After commits that failed only
    /// as much of it as `CommitSizing` lets in. Nil where there is nothing new or a batch is open.
    package mutating func takeCommit() -> CommitBatch? {
        guard hasCommit else { return nil }
        let selection = book.select()
        let positions = book.takePositions(of: selection.partitions)
        return book.begin(
            selection,
            positions: positions,
            accounts: takeStates(of: selection.accounts),
            marks: positions.flatMap { takeMarks(of: $0.partition) },
            now: clock.monotonic
        )
    }

    private mutating func takeMarks(of number: Int32) -> [RecordID] {
        book.takeWantedMarks(of: number).compactMap { id, slot in
            isHead(slot, .marking) && conversations.markIsInCommit(slot) ? id : nil
        }
    }

    /// Returns what the batch that is being taken says of accounts.
    private mutating func takeStates(of accountsWithNews: [String: Int32]) -> [CommitBatch.AccountState] {
        accountsWithNews.sorted { $0.key < $1.key }.compactMap { id, number in
            guard let partition = book[number] else { return nil }
            let account = conversations.account(named: id)
            let memory = account.flatMap { gates.memory(of: $0, at: clock) }
            if let account { conversations.setMemory(of: account, to: memory != nil) }
            return CommitBatch.AccountState(
                partition: number,
                epoch: partition.epoch,
                accountID: id,
                memory: memory?.encoded(),
                words: memory?.encodedWords()
            )
        }
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
        guard let closed = book.succeed(number) else { return }
        if areOffsetsDurable, provesOwnership, let moment = closed.provesOwnershipAt {
            gates.prove(at: max(moment, askedAt))
        }
        for finished in closed.finished { countDurable(finished) }
        for attempts in closed.unknowns { unknownsAreDurable(attempts) }
        for (partition, epoch) in closed.partitions.sorted(by: { $0.key < $1.key })
        where book.isCurrent(partition, epoch) && book.firstCommitEnded(of: partition, isDurable: areOffsetsDurable) {
            presentHeads(of: partition)
        }
    }

    /// The batch of that number is not durable, and never will be; its parts come again in the next ones.
    ///
    /// - Parameter isTooMuch: Whether it may have been too much; not where the group did not take this worker's offsets.
    package mutating func commitFailed(_ number: UInt64, isTooMuch: Bool = true, now: EngineTime) {
        observe(now)
        guard let closed = book.fail(number, isTooMuch: isTooMuch) else { return }
        for id in closed.marks {
            guard let slot = book.slot(of: id), conversations.markLeavesCommit(slot) else { continue }
            if book.isDraining(id.partition) { unmark(slot) } else { book.wantMarkAgain(id) }
        }
    }

    private mutating func countDurable(_ finished: RequestEnd) {
        guard book.isCurrent(finished.id.partition, finished.id.epoch) else { return }
        if finished.isInDoubt { gates.leaveDoubt() }
        if book.countDurable(finished, most: settings.maxOutstandingPerPartition) {
            actions.append(.resume(partition: finished.id.partition))
        }
    }

    /// The ledger durably says that so many attempts of a request had no known end.
    private mutating func unknownsAreDurable(_ attempts: CommitQueue.UnknownAttempts) {
        guard let slot = book.slot(of: attempts.id) else { return }
        conversations.unknownsAreDurable(slot, attempts.count)
        let request = conversations.requests[slot]
        if !isHead(slot, .calling), request.unknowns <= request.durableUnknowns { leaveDoubt(slot) }
    }

    /// Calls of a partition may start from now on.
    private mutating func presentHeads(of partition: Int32) {
        for slot in book[partition]?.ledger.requests ?? [] where isHead(slot, .awaitingFirstCommit) {
            let lane = conversations.requests[slot].lane
            leaveStage(lane)
            presentHead(of: lane)
        }
    }

    /// The state of one partition as a batch that is taken at this moment has it; nil for one that is not ours.
    ///
    /// Right after `takeCommit` it may be made durable together with that batch. What has ended and is not in the batch is
    /// not finished in it.
    package func position(of number: Int32) -> CommitBatch.Position? { book.position(of: number) }

    // MARK: Ownership and doubt

    /// Whether a commit should start at once: so much has ended that calls would soon have to wait for it, or a partition
    /// waits for its first one.
    ///
    /// - Parameter fillingUp: Whether the former is to wait until calls do wait.
    package func isCommitUrgent(fillingUp: Bool) -> Bool {
        guard hasCommit else { return false }
        if book.commits.isUrgent { return true }
        let half = max(settings.maxInDoubt / 2, 1)
        let most = min(half, book.commits.sizing.limit)
        return book.commits.endedCount >= most && (!fillingUp || most < half || !hasRoomForDoubt)
    }

    /// Whether one more message may come to be in doubt.
    package var hasRoomForDoubt: Bool { gates.hasRoomForDoubt }

    /// From when on, in monotonic nanoseconds, a call must not begin any more that is asked for now: the proof has run out
    /// by then, or the request's deadline has passed. Between the asking and the first byte a process may stand still.
    package func latestStart(of id: RecordID) -> Int64 {
        guard let slot = book.slot(of: id), conversations.requests[slot].deadline != .never else {
            return gates.ownsUntil
        }
        return min(gates.ownsUntil, clock.monotonic(at: conversations.requests[slot].deadline))
    }

    /// The group has refused a commit: until one succeeds that is put together from now on, nothing is ours for sure.
    package mutating func forgetProof() { gates.forgetProof() }

    /// Has there be a commit though nothing has changed, to show that commits go through.
    ///
    /// - Returns: False where no partition has an offset to commit.
    package mutating func requestCommit() -> Bool { book.noteProof() }

    /// Has the next commit prove that the account's partition is still ours, unless one that runs will.
    mutating func askForProof(of account: Int32) {
        guard let lease = settings.ownershipLease?.nanoseconds else { return }
        book.askForProof(of: conversations.accounts[account].partition, lease: lease, now: clock.monotonic)
    }
}
