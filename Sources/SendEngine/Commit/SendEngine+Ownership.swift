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
