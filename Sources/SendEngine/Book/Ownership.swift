internal import InstagramMessaging

/// Whether the partitions are still this worker's own, as far as can be told.
///
/// A worker that was stopped or cut off for longer than the group's session time-out has lost its partitions and does not
/// know it yet. The group takes offsets from its members only, so a durable commit is the proof; it holds for the
/// lease. Under load every commit renews it; after a quiet time the first call waits for one more commit. A partition that
/// was just assigned waits for its own first commit besides.
extension SendEngine {
    var ownsForSure: Bool { ownsUntil > clock.monotonic }

    /// From when on, in monotonic nanoseconds, a call must not begin any more that is asked for now: the proof has run out
    /// by then, or the request's deadline has passed. Between the asking and the first byte a process may stand still.
    package func latestStart(of id: RecordID) -> Int64 {
        guard let slot = slot(of: id), requests[slot].deadline != .never else { return ownsUntil }
        let ahead = requests[slot].deadline.saturatingSubtract(clock.wall.millisecondsSinceEpoch)
        return min(ownsUntil, clock.monotonic.saturatingAdd(ahead.saturatingMultiply(1_000_000)))
    }

    /// Until when, in monotonic nanoseconds, the latest durable commit proves ownership.
    private var ownsUntil: Int64 {
        settings.ownershipLease.map { provenAt.saturatingAdd($0.nanoseconds) } ?? .max
    }

    /// The group has refused a commit: until one succeeds that is put together from now on, nothing is ours for sure.
    package mutating func forgetProof() { provenAt = .min }

    /// Whether no commit runs or is due, though one could prove ownership.
    var lacksProofUnasked: Bool {
        !commits.isOpen && !commits.hasNews && partitions.contains { $0.value.canProveOwnership }
    }

    /// Has the next commit prove that the account's partition is still ours, unless one that runs will.
    mutating func askForProof(of account: Int32) {
        guard let lease = settings.ownershipLease else { return }
        if let moment = commits.openProvesOwnershipAt, moment.saturatingAdd(lease.nanoseconds) > clock.monotonic {
            return
        }
        let own = accounts[account].partition
        if partitions[own]?.canProveOwnership ?? false {
            commits.note(own)
        } else if let other = partitions.filter({ $0.value.canProveOwnership }).keys.min() {
            // An account whose records are not keyed by it may have the rest of them in another partition.
            commits.note(other)
        }
    }
}

extension Partition {
    /// Whether a commit of it shows that this worker is still a member. One that is on its way out is committed no more
    /// often than it must be: the group waits for it.
    fileprivate var canProveOwnership: Bool { ledger.nextOffset != nil && !isDraining }
}

/// The messages that this worker's sudden death could double.
///
/// A message is in doubt from its call until its result is durable, or until the ledger durably says that an attempt of
/// it had no known end: the next owner is warned then. What is known not to be delivered and goes on is not in doubt. A
/// request counts once, however often it is called meanwhile.
extension SendEngine {
    /// Whether one more message may come to be in doubt. Those that wait for their mark have their room already.
    var hasRoomForDoubt: Bool { gauges.inDoubt + gauges.awaitingMark < max(settings.maxInDoubt, 1) }

    /// Whether a commit should start at once: so much has ended that calls would soon have to wait for it, or a partition
    /// waits for its first one.
    package var isCommitUrgent: Bool {
        commits.hasNews
            && (commits.isUrgent || commits.endedCount >= max(min(settings.maxInDoubt / 2, commits.sizing.limit), 1))
    }

    mutating func enterDoubt(_ slot: Int32) {
        guard requests[slot].flags.insert(.inDoubt).inserted else { return }
        gauges.inDoubt += 1
        partitions[requests[slot].partition]?.inDoubt += 1
    }

    mutating func leaveDoubt(_ slot: Int32) {
        guard requests[slot].flags.remove(.inDoubt) != nil else { return }
        gauges.inDoubt -= 1
        partitions[requests[slot].partition]?.inDoubt -= 1
        resends.remove(requests[slot].lane)
    }

    /// The request's ending carries its doubt from now on.
    mutating func handOverDoubt(of slot: Int32) -> Bool { requests[slot].flags.remove(.inDoubt) != nil }

    /// After a call the request is to be called again: it stays in doubt for as long as an unknown attempt of it is not
    /// durable.
    mutating func keepDoubt(of slot: Int32) {
        if requests[slot].mayBeDelivered, requests[slot].unknowns > requests[slot].durableUnknowns {
            commits.append(CommitQueue.UnknownAttempts(id: recordID(of: slot), count: requests[slot].unknowns))
        } else {
            leaveDoubt(slot)
        }
    }

    /// The ledger durably says that so many attempts of a request had no known end.
    mutating func unknownsAreDurable(_ attempts: CommitQueue.UnknownAttempts) {
        guard let slot = slot(of: attempts.id) else { return }
        requests[slot].durableUnknowns = max(requests[slot].durableUnknowns, attempts.count)
        let lane = requests[slot].lane
        let isCalled = lanes[lane].head == slot && lanes[lane].stage == .calling
        if !isCalled, requests[slot].unknowns <= requests[slot].durableUnknowns { leaveDoubt(slot) }
    }
}

/// The first commit of an assignment.
///
/// No call of a partition begins before a durable commit of this very assignment has named it, with its offset, though
/// that has not moved: until then nobody else knows that this owner calls.
extension SendEngine {
    /// Has the next commit name the partition, where that is still to be done and there is an offset to name it with.
    mutating func askForFirstCommit(of number: Int32) {
        guard let partition = partitions[number], partition.firstCommit == .due, !partition.isDraining,
            partition.ledger.nextOffset != nil
        else { return }
        commits.note(number)
        commits.isUrgent = true
    }

    mutating func firstCommitBegins(of number: Int32) {
        if partitions[number]?.firstCommit == .due { partitions[number]?.firstCommit = .running }
    }

    mutating func firstCommitEnded(of number: Int32, isDurable: Bool) {
        guard partitions[number]?.firstCommit == .running else { return }
        partitions[number]?.firstCommit = isDurable ? .durable : .due
        guard isDurable else { return askForFirstCommit(of: number) }
        for slot in partitions[number]?.ledger.requests ?? [] {
            let lane = requests[slot].lane
            guard lanes[lane].head == slot, lanes[lane].stage == .awaitingFirstCommit else { continue }
            leaveStage(lane)
            presentHead(of: lane)
        }
    }
}
