/// What a new owner of a partition must know: which offsets at and above the committed one are finished, and which were
/// started without a known end.
package struct PartitionSnapshot: Sendable, Hashable {
    /// All offsets below it are finished. A snapshot counts only where this is the group's committed offset.
    package var base: Int64
    /// Finished offsets above the base: ascending, not touching, never empty ranges. Offsets between two finished ones
    /// that do not exist in the log may be covered.
    package var finished: [Range<Int64>]
    /// Offsets whose message may have been delivered, though nobody knows: ascending, not touching ranges.
    package var started: [Range<Int64>]
    /// Like `started`, and called again after a call without a known end: may have been delivered more than once. No
    /// offset is in both.
    package var resent: [Range<Int64>]

    package init(
        base: Int64,
        finished: [Range<Int64>] = [],
        started: [Range<Int64>] = [],
        resent: [Range<Int64>] = []
    ) {
        self.base = base
        self.finished = finished
        self.started = started
        self.resent = resent
    }

    /// What it says of the offsets from a later one on; nil for an earlier one.
    package func rest(from offset: Int64) -> PartitionSnapshot? {
        guard offset > base else { return nil }
        return PartitionSnapshot(
            base: offset,
            finished: finished.rest(from: offset),
            started: started.rest(from: offset),
            resent: resent.rest(from: offset)
        )
    }
}
