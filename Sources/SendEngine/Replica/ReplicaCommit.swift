/// Everything that one commit has to make durable, by the partition of the requests topic. What belongs to an assignment must
/// not be made durable for a later one.
package struct ReplicaCommit: Sendable {
    /// Rises with every commit that holds more than offsets, which have 0.
    package var number: UInt64
    package var finished: [RequestEnd]
    /// The offset to commit for each partition.
    package var offsets: [Int32: Int64]
    /// The encoded ledger of each partition that has news.
    package var ledgers: [Int32: [UInt8]]
    /// The memories of accounts to keep from now on, or to drop.
    package var accounts: [CommitBatch.AccountState]
    /// The assignment that each partition was put in for.
    package var epochs: [Int32: UInt64]
    /// The offsets that are committed as far as is known; a partition without one is left out.
    package var committedBefore: [Int32: Int64]
    /// The newest timestamp of a request that was read of each partition, in milliseconds.
    package var newestRead: [Int32: Int64]

    /// The partitions of it that are still owned, in the very assignments that they were put in for.
    ///
    /// - Parameter assignments: What the consumer owns now, with the number of each assignment.
    package func partitionsOwned(in assignments: [Int32: UInt64]) -> Set<Int32> {
        Set(offsets.keys.filter { assignments[$0] != nil && assignments[$0] == epochs[$0] })
    }
}

/// The outcome of a commit.
package enum CommitOutcome: Sendable, Hashable {
    /// All of it is durable.
    case committed
    /// The endings are durable, the offsets are not: these have to be offered again.
    case offsetsPending
    /// As `offsetsPending`, because the group does not take offsets of these partitions from this replica.
    case offsetsRefused
    /// Nothing of it is durable, because the group does not take offsets of these partitions from this replica; otherwise
    /// as `nothing`.
    case notOurs
    /// Nothing of it is durable: what still belongs to this replica comes again with the next commit.
    case nothing

    /// Whether the endings are.
    package var isDurable: Bool { [.committed, .offsetsPending, .offsetsRefused].contains(self) }

    /// Whether the group said that the partitions are not this replica's.
    package var isRefusedByGroup: Bool { self == .notOurs || self == .offsetsRefused }
}

extension CommitOutcome {
    /// Returns what became of a commit whose end is not known, once nothing can still make it durable: the newest record of
    /// state in any of its partitions tells.
    ///
    /// One that tells of it is enough: in partitions that are lost meanwhile another replica may have written since.
    ///
    /// - Parameters:
    ///   - own: What the commit marks its records with.
    ///   - newest: The marks of the newest records, one for each of its partitions; nil where there is none.
    package static func resolving<Mark: Equatable>(_ own: Mark, newest: [Mark?]) -> CommitOutcome {
        newest.contains(own) ? .committed : .nothing
    }
}

/// Why nothing can be committed any more by this process.
package struct CommitError: Error, Sendable, CustomStringConvertible {
    /// Kafka's error, and what to do about it.
    package var description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// The commit cycle: at most one commit is under way, and what ends meanwhile collects for the next.
struct CommitCycle: Sendable {
    /// The parts of the commit that is under way, which are dealt with once it has ended.
    struct Open: Sendable {
        var number: UInt64
        var ids: [RecordID]
        var offsets: [Int32: Int64]
        /// The part of the offsets that had failed before.
        var retriedOffsets: [Int32: Int64]
        var epochs: [Int32: UInt64]
    }

    var open: Open?
    /// Since when something waits to become durable without success, on the monotonic clock; nil while all goes well.
    var overdueSince: Int64?
    /// The start of the last commit, on the monotonic clock.
    var lastStart = Int64.min
    /// Offsets whose commit did not succeed: they are offered again with the next one.
    var retriedOffsets: [Int32: Int64] = [:]
    /// Commits in a row of which something did not become durable.
    var failures = 0
    /// Commits in a row of which nothing became durable.
    var losses = 0
    /// Outcomes of partitions that were given up or lost before they could be committed, since something could be.
    var dropped = 0
    /// The same since the worker stops: a commit that succeeds later makes up for none of them.
    var droppedInStop = 0
    /// Commits whose offsets were refused, since the start.
    var refusals = 0
    var pace = CommitPace()
    var filling = CommitFilling()

    /// The wait after a failure before the next try, in nanoseconds.
    var pause: Int64 { failures == 0 ? 0 : min(100_000_000 << Int64(min(failures - 1, 4)), 1_000_000_000) }
}

/// The duration of commits.
struct CommitPace: Sendable {
    /// From here on a commit is slow, in nanoseconds.
    private static let slow: Int64 = 1_000_000_000
    /// So many in a row: a single one may have met brokers that were busy, or gone.
    private static let enough = 3

    private var slowInRow = 0
    private var isReported = false

    /// Notes how long a commit took.
    ///
    /// - Returns: Whether to report now that commits are slow; once.
    mutating func note(_ nanoseconds: Int64) -> Bool {
        slowInRow = nanoseconds < Self.slow ? 0 : slowInRow + 1
        guard slowInRow >= Self.enough, !isReported else { return false }
        isReported = true
        return true
    }
}

/// Whether commits are to wait until as much is in doubt as may be.
///
/// Half of it makes a commit due, so that calls go on in the other half meanwhile. Where a commit takes longer than it takes
/// to fill the whole, calls wait for most of it either way, and larger commits make for fewer waits, and for less work of
/// brokers and worker a message. Times are monotonic nanoseconds.
struct CommitFilling: Sendable {
    private(set) var isWorthIt = false
    /// Since when no message more may come to be in doubt; nil while one may.
    private var fullSince: Int64?
    private var lastEnd: Int64?
    /// The time from the last commit's end to the start of the one under way.
    private var pause: Int64 = 0

    /// To be told whenever that may have changed.
    mutating func note(hasRoom: Bool, at now: Int64) {
        if hasRoom { fullSince = nil } else if fullSince == nil { fullSince = now }
    }

    mutating func commitStarted(at now: Int64) {
        pause = lastEnd.map { now - $0 } ?? 0
    }

    /// - Parameter taken: How long it took.
    mutating func commitEnded(after taken: Int64, at now: Int64) {
        lastEnd = now
        if isWorthIt {
            // What the pause filled would have been filled while the commit was under way.
            isWorthIt = pause <= taken
        } else if let fullSince {
            // The first half of the commit's time, at most, has filled one half; so the whole takes less than all of it.
            isWorthIt = now - fullSince > taken / 2
        }
    }
}
