/// One partition of the requests topic in one assignment.
struct Partition: Sendable {
    let epoch: UInt64
    var ledger: OffsetLedger
    /// No call for an account of it before this moment.
    let coldUntil: Int64
    /// It is being given up: nothing new starts.
    var isDraining = false
    var isPaused = false
    var inFlight = 0
    /// Records read and not durably finished.
    var outstanding = 0
    /// Offsets that wait for a commit that marks them as started.
    var wantedMarks: [Int64] = []
}
