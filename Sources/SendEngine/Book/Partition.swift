/// One partition of the requests topic in one assignment.
struct Partition: Sendable {
    /// The progress of the first commit that names the partition in this assignment.
    enum FirstCommit: Sendable {
        case due
        /// It is a part of the commit that runs.
        case running
        case durable
    }

    /// Whether calls of it may start.
    enum Phase: Sendable {
        case open
        case awaitingFirstCommit
        case draining
    }

    /// False for the value that stands in places of no partition.
    private(set) var isAssigned = true
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

    /// - Parameter othersCalledUntil: `Int64.min` where no last owner's calls are to be waited for.
    init(epoch: UInt64, ledger: OffsetLedger, othersCalledUntil: Int64, firstCommit: FirstCommit) {
        self.epoch = epoch
        self.ledger = ledger
        self.othersCalledUntil = othersCalledUntil
        self.firstCommit = firstCommit
    }

    static let blank: Partition = {
        var blank = Partition(epoch: 0, ledger: OffsetLedger(), othersCalledUntil: .min, firstCommit: .due)
        blank.isAssigned = false
        return blank
    }()

    var phase: Phase { isDraining ? .draining : firstCommit == .durable ? .open : .awaitingFirstCommit }

    /// No call for an account of it before this moment: the last owner's calls count for as long.
    var coldUntil: Int64 { othersCalledUntil == .min ? .min : othersCalledUntil.saturatingAdd(AccountLimits.second) }

    /// Whether a commit of it shows that this worker is still a member. One that is on its way out is committed no more
    /// often than it must be: the group waits for it.
    var canProveOwnership: Bool { ledger.isAnchored && !isDraining }

    /// Whether the next commit is to name it for the first time.
    var wantsFirstCommit: Bool { firstCommit == .due && canProveOwnership }
}

/// A call whose partition was given up while it ran.
struct Orphan: Sendable {
    var account: String
    var conversation: String
    var startedAt: Int64
}

/// The assigned partitions by their number.
///
/// Brokers number partitions from 0 on, so a partition is found at its place and not by a hash, and looked at where it
/// stands: every record does so several times.
struct PartitionTable: Sendable {
    private var places: [Partition] = []

    func contains(_ number: Int32) -> Bool { places.indices.contains(Int(number)) && places[Int(number)].isAssigned }

    /// An assigned partition.
    subscript(number: Int32) -> Partition {
        _read { yield places[Int(number)] }
        _modify { yield &places[Int(number)] }
    }

    var count: Int { places.count { $0.isAssigned } }

    /// The number of the first partition with which something is the case.
    func first(where isWanted: (Partition) -> Bool) -> Int32? {
        places.firstIndex { $0.isAssigned && isWanted($0) }.map(Int32.init)
    }

    mutating func insert(_ partition: Partition, at number: Int32) {
        while places.count <= Int(number) { places.append(.blank) }
        places[Int(number)] = partition
    }

    mutating func remove(_ number: Int32) { if contains(number) { places[Int(number)] = .blank } }
}
