internal import InstagramMessaging

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
