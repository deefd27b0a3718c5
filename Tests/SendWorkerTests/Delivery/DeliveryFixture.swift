@testable import SendEngine
@testable import SendWorker

extension Delivery {
    /// A delivery of which a test names what matters to it, by the partition of the requests topic.
    init(
        number: UInt64 = 1,
        entries: [Entry] = [],
        offsets: [Int32: Int64] = [:],
        ledgers: [Int32: [UInt8]] = [:],
        accounts: [CommitBatch.AccountState] = [],
        epochs: [Int32: UInt64] = [:]
    ) {
        let commit = ReplicaCommit(
            number: number,
            finished: [],
            offsets: offsets,
            ledgers: ledgers,
            accounts: accounts,
            epochs: epochs,
            committedBefore: [:],
            newestRead: [:]
        )
        self.init(commit: commit, entries: entries)
    }
}
