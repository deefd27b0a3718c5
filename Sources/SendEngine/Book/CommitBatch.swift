internal import InstagramMessaging

/// The content that one commit has to make durable, all together.
///
/// The engine keeps every part of it until it is told that the commit succeeded; after a failure the next batch holds
/// the same parts again.
package struct CommitBatch: Sendable {
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

    /// The content that the state topic is to have for one account.
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
    /// The requests whose results (and, unless they were sent, dead letters) are to be published.
    package var finished: [RequestEnd]
    package var positions: [Position]
    package var accounts: [AccountState]

    package init(number: UInt64, finished: [RequestEnd], positions: [Position], accounts: [AccountState] = []) {
        self.number = number
        self.finished = finished
        self.positions = positions
        self.accounts = accounts
    }
}

extension PartitionSnapshot {
    /// Takes back that requests are finished. Those that were delivered, or may have been, are to be known as called: one
    /// that may be called once only must not be called again.
    mutating func reopen(_ endings: [RequestEnd]) {
        let open = endings.sorted { $0.id.offset < $1.id.offset }
        guard let first = open.first?.id.offset else { return }
        if first < base {
            finished.insert(first..<base, at: 0)
            base = first
        }
        finished = finished.without(open.map(\.id.offset))
        for ending in open where ending.mayBeDelivered {
            let list = ending.possibleDuplicate ? \PartitionSnapshot.resent : \.started
            self[keyPath: list].insertJoining(ending.id.offset)
        }
    }
}

extension RequestEnd {
    fileprivate var mayBeDelivered: Bool { status == .sent || status == .unknown }
}

extension [Range<Int64>] {
    /// The ascending ranges without single values, which are ascending, too.
    fileprivate func without(_ values: [Int64]) -> [Range<Int64>] {
        var rest: [Range<Int64>] = []
        var values = values[...]
        for range in self {
            var lower = range.lowerBound
            while let value = values.first, value < range.upperBound {
                values.removeFirst()
                guard value >= lower else { continue }
                if value > lower { rest.append(lower..<value) }
                lower = value + 1
            }
            if lower < range.upperBound { rest.append(lower..<range.upperBound) }
        }
        return rest
    }

    /// Adds a value that none of the ascending ranges holds.
    fileprivate mutating func insertJoining(_ value: Int64) {
        let index = firstIndex { $0.lowerBound > value } ?? count
        insert(value..<value + 1, at: index)
        if index + 1 < count, self[index + 1].lowerBound == value + 1 {
            self[index] = value..<remove(at: index + 1).upperBound
        }
        if index > 0, self[index - 1].upperBound == value {
            self[index - 1] = self[index - 1].lowerBound..<remove(at: index).upperBound
        }
    }
}
