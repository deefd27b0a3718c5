/// Whether the partitions are still this worker's own, as far as can be told.
///
/// A worker that was stopped or cut off for longer than the group's session time-out has lost its partitions and does not
/// know it yet. The group takes offsets from its members only, so a durable commit is the proof; it holds for the
/// lease. Under load every commit renews it; after a quiet time the first call waits for one more commit.
extension SendEngine {
    var ownsForSure: Bool { ownsUntil > clock.monotonic }

    /// From when on, in monotonic nanoseconds, no call may begin without a further durable commit, those included that
    /// were asked for already.
    package var ownsUntil: Int64 {
        settings.ownershipLease.map { provenAt.saturatingAdd($0.nanoseconds) } ?? .max
    }

    /// Whether no commit runs or is due, though one could prove ownership.
    var lacksProofUnasked: Bool {
        !commits.isOpen && !commits.hasNews && partitions.contains { $0.value.ledger.nextOffset != nil }
    }

    /// Has the next commit prove that the account's partition is still ours, unless one that runs will.
    mutating func askForProof(of account: Int32) {
        guard let lease = settings.ownershipLease else { return }
        if let moment = commits.openProvesOwnershipAt, moment.saturatingAdd(lease.nanoseconds) > clock.monotonic {
            return
        }
        let own = accounts[account].partition
        if partitions[own]?.ledger.nextOffset != nil {
            commits.note(own)
        } else if let other = partitions.filter({ $0.value.ledger.nextOffset != nil }).keys.min() {
            // An account whose records are not keyed by it may have the rest of them in another partition.
            commits.note(other)
        }
    }
}
