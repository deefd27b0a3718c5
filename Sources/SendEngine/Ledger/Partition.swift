/// One partition of the requests topic in one assignment.
struct Partition: Sendable {
    /// How far the first commit is that names the partition in this assignment.
    enum FirstCommit: Sendable {
        case due
        /// It is a part of the commit that runs.
        case running
        case durable
    }

    /// Whether calls of it may start.
    enum Standing: Sendable {
        case open
        case awaitingFirstCommit
        case draining
    }

    let epoch: UInt64
    var ledger: OffsetLedger
    /// Until when calls of its last owner may have reached Graph.
    let othersCalledUntil: Int64
    /// It is being given up: nothing new starts.
    var isDraining = false
    var firstCommit: FirstCommit
    var isPaused = false
    var inFlight = 0
    /// Messages that are called, or ended and not durable.
    var inDoubt = 0
    /// Records read and not durably finished.
    var outstanding = 0
    /// Offsets that wait for a commit that marks them as started.
    var wantedMarks: [Int64] = []

    init(epoch: UInt64, ledger: OffsetLedger, othersCalledUntil: Int64, firstCommit: FirstCommit) {
        self.epoch = epoch
        self.ledger = ledger
        self.othersCalledUntil = othersCalledUntil
        self.firstCommit = firstCommit
    }

    var standing: Standing { isDraining ? .draining : firstCommit == .durable ? .open : .awaitingFirstCommit }

    /// No call for an account of it before this moment: the last owner's calls count for as long.
    var coldUntil: Int64 { othersCalledUntil == .min ? .min : othersCalledUntil.saturatingAdd(AccountLimits.second) }
}
