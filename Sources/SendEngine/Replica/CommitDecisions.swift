/// The decisions on commits: when something is committed, what it holds, and what follows from how it ends.
extension Replica {
    private var hasNews: Bool { engine.hasCommit || !commits.retriedOffsets.isEmpty }

    /// The moment at which the next commit is due; nil while one is under way or there is nothing to commit.
    func nextCommitAt(now: EngineTime) -> Int64? {
        guard commits.open == nil, hasNews, !hasFailed else { return nil }
        guard commits.lastStart != Int64.min else { return now.monotonic }
        return commits.lastStart.saturatingAdd(max(settings.commitInterval.nanoseconds, commits.pause))
    }

    mutating func startCommitIfDue(now: EngineTime) {
        guard let due = nextCommitAt(now: now) else { return }
        let isUrgent = engine.isCommitUrgent(fillingUp: commits.filling.isWorthIt) || !drains.isEmpty || isStopping
        guard isUrgent && commits.failures == 0 || due <= now.monotonic else { return }
        commits.filling.commitStarted(at: now.monotonic)
        let batch = engine.takeCommit()
        let retriedOffsets = commits.retriedOffsets
        commits.retriedOffsets = [:]
        let commit = makeCommit(of: batch, retrying: retriedOffsets)
        commits.lastStart = now.monotonic
        if commits.overdueSince == nil { commits.overdueSince = now.monotonic }
        commits.open = CommitCycle.Open(
            number: commit.number,
            ids: commit.finished.map(\.id),
            offsets: commit.offsets,
            retriedOffsets: retriedOffsets,
            epochs: commit.epochs
        )
        actions.append(.commit(commit))
    }

    private func makeCommit(of batch: CommitBatch?, retrying retriedOffsets: [Int32: Int64]) -> ReplicaCommit {
        var offsets = retriedOffsets
        var ledgers: [Int32: [UInt8]] = [:]
        for position in batch.map({ positions(of: $0) }) ?? [] {
            // Without one the group has none either, and nothing was read.
            guard let next = position.nextOffset else { continue }
            offsets[position.partition] = next
            ledgers[position.partition] = position.snapshot
        }
        return ReplicaCommit(
            number: batch?.number ?? 0,
            finished: batch?.finished ?? [],
            offsets: offsets,
            ledgers: ledgers,
            accounts: batch?.accounts ?? [],
            epochs: offsets.reduce(into: [:]) { $0[$1.key] = assignments.epochs[$1.key] },
            committedBefore: assignments.committedBefore,
            newestRead: assignments.progress.newest
        )
    }

    /// The positions of all partitions that a batch says something about.
    ///
    /// This includes those of its accounts, though their offset may not have moved: it is the offset in a transaction
    /// that keeps a replica which lost the partition from writing over what the next owner remembers.
    private func positions(of batch: CommitBatch) -> [CommitBatch.Position] {
        let known = Set(batch.positions.map(\.partition))
        let others = Set(batch.accounts.map(\.partition)).subtracting(known)
        return batch.positions + others.sorted().compactMap { engine.position(of: $0) }
    }

    mutating func endCommit(
        _ number: UInt64,
        _ result: Result<CommitOutcome, CommitError>,
        askedAt: Int64,
        now: EngineTime
    ) {
        guard let open = commits.open, open.number == number else { return }
        commits.open = nil
        let outcome = (try? result.get()) ?? .nothing
        commits.failures = outcome == .committed ? 0 : commits.failures + 1
        commits.losses = outcome.isDurable ? 0 : commits.losses + 1
        noteGroupAnswer(outcome, now: now)
        switch result {
        case .success where outcome.isDurable: endDurably(open, outcome, askedAt: askedAt, now: now)
        case .success:
            // The group says that something is not ours any more: another commit has to show what is.
            if outcome == .notOurs { engine.forgetProof() }
            if number > 0 { engine.commitFailed(number, isTooMuch: outcome == .nothing, now: now) }
            retry(open.retriedOffsets, of: open)
        case .failure(let error):
            if number > 0 { engine.commitFailed(number, now: now) }
            fail(error)
        }
    }

    private mutating func endDurably(
        _ open: CommitCycle.Open,
        _ outcome: CommitOutcome,
        askedAt: Int64,
        now: EngineTime
    ) {
        let isComplete = outcome == .committed
        let asked = max(askedAt, commits.lastStart)
        if let start = commits.overdueSince {
            // One that is only slow was heard of until it asked the group.
            doubt.noteSilence(from: start < commits.lastStart ? start : asked, to: now.monotonic)
        }
        commits.overdueSince = nil
        commits.dropped = 0
        let taken = now.monotonic - commits.lastStart
        commits.filling.commitEnded(after: taken, at: now.monotonic)
        if commits.pace.note(taken) { actions.append(.report(.commitsSlow(taken))) }
        if !open.ids.isEmpty { actions.append(.release(open.ids)) }
        if !isComplete {
            commits.refusals += 1
            engine.forgetProof()
        }
        if open.number > 0 {
            engine.commitSucceeded(
                open.number,
                areOffsetsDurable: isComplete,
                provesOwnership: isComplete && doubt.trustsCommit(from: asked, to: now.monotonic),
                askedAt: asked,
                now: now
            )
        }
        if isComplete { noteCommitted(open) } else { retry(open.offsets, of: open) }
    }

    /// The group's library hears of its expulsion with the next heartbeat, and else gives up once the session is over. One
    /// that does neither will not join the group again by itself.
    private mutating func noteGroupAnswer(_ outcome: CommitOutcome, now: EngineTime) {
        guard outcome.isRefusedByGroup else {
            if outcome == .committed { doubt.noteMember() }
            return
        }
        guard let seconds = doubt.noteExpulsion(at: now.monotonic) else { return }
        fail(
            CommitError(
                "the group has refused this replica's commits as those of a stranger for \(seconds) s, and librdkafka has not "
                    + "joined the group again: it is stuck. Restart the worker."
            )
        )
    }

    /// Keeps offsets to be offered again where the partition is still ours: after a new assignment others may have
    /// committed more.
    private mutating func retry(_ offsets: [Int32: Int64], of open: CommitCycle.Open) {
        for (partition, offset) in offsets where isCurrent(partition, of: open) {
            commits.retriedOffsets[partition] = offset
        }
    }

    private mutating func noteCommitted(_ open: CommitCycle.Open) {
        for (partition, offset) in open.offsets where isCurrent(partition, of: open) {
            assignments.committedBefore[partition] = offset
        }
    }

    private func isCurrent(_ partition: Int32, of open: CommitCycle.Open) -> Bool {
        guard let epoch = assignments.epochs[partition] else { return false }
        return epoch == open.epochs[partition]
    }

    private mutating func fail(_ error: CommitError) {
        guard !hasFailed else { return }
        hasFailed = true
        actions.append(.report(.failed(error)))
    }

    // MARK: Suspension

    /// Stops and resumes calls as commits fail and succeed: what is sent while results cannot be made durable would be
    /// sent again by whoever owns the partition next. A commit that is under way stops nothing, however long it takes:
    /// the engine keeps count of what it puts in doubt. Where what could not be committed has gone with its partition,
    /// another commit has to show first that commits go through.
    mutating func suspendOrResumeCalls(now: EngineTime) {
        if commits.open == nil, !hasNews, commits.losses == 0 || hasFailed || !engine.requestCommit() {
            commits.overdueSince = nil
            commits.losses = 0
        }
        let isFailing = hasFailed || commits.losses > 0
        if isFailing != engine.isSuspended {
            engine.isSuspended = isFailing
            actions.append(.report(.suspended(isFailing)))
        }
        reportIfOverdue(now: now)
    }

    /// The moment at which it has to be reported that nothing becomes durable, on the monotonic clock; nil while
    /// commits succeed.
    var overdueAt: Int64? {
        let patience = commits.losses > 0 ? settings.commitPatience : settings.slowCommitPatience
        return commits.overdueSince.map { $0.saturatingAdd(patience.nanoseconds) }
    }

    private mutating func reportIfOverdue(now: EngineTime) {
        let isOverdue = hasFailed || overdueAt.map { $0 <= now.monotonic } ?? false
        guard isOverdue != isOverdueReported else { return }
        isOverdueReported = isOverdue
        actions.append(.report(isOverdue ? .commitsOverdue : .commitsRecovered))
    }
}
