/// What this worker's sudden death could double.
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
