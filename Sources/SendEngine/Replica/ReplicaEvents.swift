package import InstagramMessaging

/// An event that reaches a replica from the outside.
package enum ReplicaEvent: Sendable {
    /// A new assignment of partitions of the requests topic, with its number.
    case assigned([Int32], epoch: UInt64)
    /// The state of partitions has been read that this assignment waits for.
    case restored([Int32: RestoredPartition], epoch: UInt64)
    /// The group takes partitions back: drain, commit, then give them up.
    case revoking([Int32])
    /// Partitions are gone already.
    case lost([Int32])
    case preparationEnded(RecordID, refusal: SendError?)
    case callEnded(RecordID, CallOutcome)
    /// A commit has ended.
    ///
    /// - Parameter askedAt: When the group was last asked to take offsets, in monotonic nanoseconds; `Int64.min` where it never
    ///   was.
    case commitEnded(number: UInt64, Result<CommitOutcome, CommitError>, askedAt: Int64)
    case tokensChanged([String])
    case limitsChanged(EngineSettings.LimitSettings, accounts: [String: EngineSettings.LimitSettings])
    /// The consumer has lost all its brokers, or has one again.
    case brokersChanged(areUp: Bool)
    /// The brokers have answered the question that is put to them again and again.
    case brokersAnswered
    /// The starts of logs of which reading has passed over offsets.
    case logStarts([Int32: Int64], passedOver: [Int32: [Range<Int64>]])
    /// The starts and ends of logs of which records have come again, with the offsets that were to come.
    case logs([Int32: Range<Int64>], repeated: [Int32: Int64])
    /// Stop starting calls, finish what runs, commit, give everything up.
    case stop
    /// Somebody opens the safety valve.
    case resume
    /// The moment that `nextWake` named has come.
    case tick
}

/// A task of the shell that a replica asks for. Actions are carried out in the order they are given.
package enum ReplicaAction: Sendable {
    /// Check what is to be checked before a call, then report `preparationEnded`.
    case prepare(RecordID)
    /// Start the HTTP call, then report `callEnded`. `attempt` counts from 1. Its first byte is not to be written at
    /// `latestStart`, in monotonic nanoseconds, or later, nor once its partition has been forgotten.
    case call(RecordID, attempt: Int, latestStart: Int64)
    /// Make this durable, then report `commitEnded`. At most one is under way.
    case commit(ReplicaCommit)
    /// These requests are durably finished: what is kept of them can go.
    case release([RecordID])
    /// Partitions are no longer this replica's: what is kept of them goes, and no call begins that waits for its connection.
    case forget([Int32])
    /// Read the state that the last owner left of these partitions, then report `restored`, in as many parts as it comes in.
    case restore([Int32], epoch: UInt64)
    /// Nobody waits for the state that is being read for this assignment.
    case cancelRestore(epoch: UInt64)
    /// The assignment is taken in: fetch, from the offset given, and without one from where the group has come to.
    case startFetching([Int32], at: [Int32: Int64], epoch: UInt64)
    /// The assignment is taken in, and nothing of it fetched before `begin`.
    case startPaused([Int32], epoch: UInt64)
    /// Fetch what was started paused, from this offset on.
    case begin(Int32, at: Int64)
    /// Stop fetching this partition: enough of it is outstanding.
    case pause(Int32)
    /// Fetch this partition again.
    case resume(Int32)
    /// The partitions are drained and committed: give them up.
    case finishRevoke([Int32])
    /// All is given up, and the replica can leave its group. So many outcomes could not be committed, counted since
    /// something could be last.
    case stopped(uncommitted: Int)
    /// Find where the logs begin, then report `logStarts`.
    case findLogStarts(passedOver: [Int32: [Range<Int64>]])
    /// Find where the logs begin and end, then report `logs`.
    case findLogs(repeated: [Int32: Int64])
    /// Something that people want to know of.
    case report(ReplicaReport)
}

/// A fact about a replica that is worth a line in the log.
package enum ReplicaReport: Sendable {
    case assigned([Int32], epoch: UInt64)
    case revoking([Int32])
    case lost([Int32])
    case givenUp([Int32])
    /// A drain is over time: partitions go before everything in them was finished and committed.
    case drainCutShort([Int32], callsInFlight: Int)
    /// Calls stop, as results cannot be made durable, or may start again.
    case suspended(Bool)
    /// Nothing has become durable for longer than it may take.
    case commitsOverdue
    /// Results become durable again.
    case commitsRecovered
    /// Commits have become slow; they take so many nanoseconds.
    case commitsSlow(Int64)
    case longWait(LongWait)
    /// So many offsets of a partition before this one were deleted before anybody had read them.
    case deletedUnread(Int64, partition: Int32, before: Int64)
    /// The log that is read of a partition is not the one that was read up to this offset. `end` is where it ends, if
    /// that shows it.
    case anotherLog(partition: Int32, read: Int64, end: Int64?)
    /// Nothing can be committed any more by this process.
    case failed(CommitError)
}

/// The state that the last owner of a partition left for the next one.
package struct RestoredPartition: Sendable {
    /// Which requests were finished or started; nil where nothing is known of them.
    package var snapshot: PartitionSnapshot?
    /// The memories to keep of accounts, by account id.
    package var accounts: [String: AccountMemory]
    /// The group's committed offset; nil where there is none.
    package var committed: Int64?
    /// The offset to begin at; nil at the committed offset, or where the log begins.
    package var position: Int64?
    /// The number of requests before that which were deleted before anybody had read them.
    package var deletedUnread: Int64 = 0
    /// The newest timestamp of a request that was read, in milliseconds; nil where that is not known.
    package var newestRead: Int64?

    package init(
        snapshot: PartitionSnapshot? = nil,
        accounts: [String: AccountMemory] = [:],
        committed: Int64? = nil,
        position: Int64? = nil
    ) {
        self.snapshot = snapshot
        self.accounts = accounts
        self.committed = committed
        self.position = position
    }
}
