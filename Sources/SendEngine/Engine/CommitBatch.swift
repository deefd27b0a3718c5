/// What one commit has to make durable, all together.
///
/// The engine keeps every part of it until it is told that the commit succeeded; after a failure the next batch holds
/// the same parts again.
package struct CommitBatch: Sendable {
    /// A finished request whose result (and, unless it was sent, dead letter) is to be published.
    package struct Finished: Sendable, Hashable {
        package var id: RecordID
        package var termination: Termination
        /// It was called, so that this worker's death could double it until this is durable.
        package var isInDoubt: Bool

        package init(id: RecordID, termination: Termination, isInDoubt: Bool = false) {
            self.id = id
            self.termination = termination
            self.isInDoubt = isInDoubt
        }
    }

    /// The state of one partition once this batch is durable.
    package struct Position: Sendable, Hashable {
        package var partition: Int32
        package var epoch: UInt64
        /// The offset to commit to the group: all below it is finished. Nil where none is committed and nothing has been
        /// read yet.
        package var nextOffset: Int64?
        /// The encoded ledger snapshot that belongs to that offset.
        package var snapshot: [UInt8]

        package init(partition: Int32, epoch: UInt64, nextOffset: Int64?, snapshot: [UInt8]) {
            self.partition = partition
            self.epoch = epoch
            self.nextOffset = nextOffset
            self.snapshot = snapshot
        }
    }

    /// What the state topic is to hold of one account.
    package struct AccountState: Sendable, Hashable {
        /// The partition whose state it is a part of.
        package var partition: Int32
        package var epoch: UInt64
        package var accountID: String
        /// An encoded `AccountMemory`; nil where nothing is to be remembered any more.
        package var memory: [UInt8]?
        /// The part of it that stands beside the rest, as earlier versions would not read the whole otherwise.
        package var words: [UInt8]?

        package init(
            partition: Int32,
            epoch: UInt64,
            accountID: String,
            memory: [UInt8]?,
            words: [UInt8]? = nil
        ) {
            self.partition = partition
            self.epoch = epoch
            self.accountID = accountID
            self.memory = memory
            self.words = words
        }
    }

    /// Rises by one with every batch.
    package var number: UInt64
    package var finished: [Finished]
    package var positions: [Position]
    package var accounts: [AccountState]

    package init(number: UInt64, finished: [Finished], positions: [Position], accounts: [AccountState] = []) {
        self.number = number
        self.finished = finished
        self.positions = positions
        self.accounts = accounts
    }
}
