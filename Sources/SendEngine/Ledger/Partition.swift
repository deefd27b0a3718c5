/// One partition of the requests topic in one assignment.
struct Partition: Sendable {
    let epoch: UInt64
    var ledger: OffsetLedger
    /// Until when calls of its last owner may have reached Graph.
    let othersCalledUntil: Int64
    /// It is being given up: nothing new starts.
    var isDraining = false
    var isPaused = false
    var inFlight = 0
    /// Records read and not durably finished.
    var outstanding = 0
    /// Offsets that wait for a commit that marks them as started.
    var wantedMarks: [Int64] = []

    /// No call for an account of it before this moment: the last owner's calls count for as long.
    var coldUntil: Int64 { othersCalledUntil == .min ? .min : othersCalledUntil.saturatingAdd(AccountLimits.second) }
}
