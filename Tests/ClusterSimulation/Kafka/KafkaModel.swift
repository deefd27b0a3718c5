internal import InstagramMessaging
internal import SendEngine

/// The brokers' logs and transactions. Everything here happens at the broker, at one moment; the way there and back is
/// the caller's.
final class KafkaModel {
    struct ResultRecord {
        var key: ModelRequest.Key
        var status: SendResult.Status
        var attempts: Int
        var possibleDuplicate: Bool
        var hasError: Bool
        /// The incarnation of a replica that wrote it.
        var writer: String
        var writtenAt: Int64
    }

    enum StateKey: Hashable {
        case ledger
        case account(String)
    }

    struct StateRecord {
        var key: StateKey
        /// Nil is a tombstone.
        var value: [UInt8]?
        /// The bytes that stand beside the memory of an account.
        var words: [UInt8]?
        /// Names the delivery that wrote it.
        var marker: String
        /// Without transactions: the offset that was committed when this was written.
        var committedBefore: Int64?
    }

    /// The records that a reader finds in a state partition.
    struct StateReading {
        /// The newest.
        var ledger: StateRecord?
        /// The newest of each account.
        var accounts: [String: StateRecord] = [:]
        /// The offset up to which the reader is shown the log.
        var seen: Int64
        /// The end of the log.
        var end: Int64

        var isComplete: Bool { PartitionStart.hasReadAll(upTo: seen, of: end) }
    }

    struct Stored<Record> {
        var record: Record
        /// Nil outside transactions.
        var transaction: Int?
    }

    enum TransactionState { case open, committed, aborted }

    enum Refusal: Error { case fenced, aborted, notMember, unreachable }

    private struct Producer {
        var epoch = 0
        var transaction: Int?
    }

    private(set) var results: [Stored<ResultRecord>] = []
    private(set) var deadLetters: [Stored<ResultRecord>] = []
    private var state: [[Stored<StateRecord>]]
    private var transactions: [TransactionState] = []
    private var endedAt: [Int64] = []
    /// The offsets in open transactions, and who asked for them.
    private var pendingOffsets: [Int: (offsets: [Int32: Int64], by: String)] = [:]
    private var producers: [String: Producer] = [:]
    private var committed: [PartitionStart.CommittedOffset?]
    /// The offsets that workers committed last.
    private var ownCommitted: [Int64?]
    /// The moment at which each incarnation of a replica last committed an offset of each partition.
    private var commits: [[String: Int64]]
    private let timeline: Timeline
    private let transactionTimeout: Int64
    /// Told of committed offsets that go back.
    var onRegression: (Int32, Int64, Int64) -> Void = { _, _, _ in }

    init(partitions: Int, timeline: Timeline, transactionTimeout: Int64) {
        self.timeline = timeline
        self.transactionTimeout = transactionTimeout
        state = Array(repeating: [], count: partitions)
        committed = Array(repeating: nil, count: partitions)
        commits = Array(repeating: [:], count: partitions)
        ownCommitted = Array(repeating: nil, count: partitions)
    }

    // MARK: Producers

    /// Announces a transactional id: an earlier holder is fenced and what it left open is aborted. Returns the epoch.
    func initTransactions(_ id: String) -> Int {
        if let open = producers[id]?.transaction { end(open, as: .aborted) }
        producers[id, default: Producer()].epoch += 1
        producers[id]?.transaction = nil
        return producers[id]?.epoch ?? 0
    }

    /// The transaction that a producer has open; opens one where there is none.
    func transaction(of id: String, epoch: Int) throws(Refusal) -> Int {
        guard producers[id]?.epoch == epoch else { throw .fenced }
        if let open = producers[id]?.transaction { return open }
        let number = transactions.count
        transactions.append(.open)
        endedAt.append(.max)
        producers[id]?.transaction = number
        timeline.after(transactionTimeout) { [self] in
            guard transactions[number] == .open else { return }
            end(number, as: .aborted)
            producers[id]?.epoch += 1
            producers[id]?.transaction = nil
        }
        return number
    }

    func addOffsets(_ offsets: [Int32: Int64], to transaction: Int, by replica: String) throws(Refusal) {
        guard transactions[transaction] == .open else { throw .fenced }
        pendingOffsets[transaction, default: ([:], replica)].offsets.merge(offsets) { _, new in new }
    }

    func commitTransaction(of id: String, epoch: Int) throws(Refusal) {
        guard producers[id]?.epoch == epoch else { throw .fenced }
        guard let open = producers[id]?.transaction else { return }
        end(open, as: .committed)
        producers[id]?.transaction = nil
    }

    func abortTransaction(of id: String, epoch: Int) throws(Refusal) {
        guard producers[id]?.epoch == epoch else { throw .fenced }
        guard let open = producers[id]?.transaction else { return }
        end(open, as: .aborted)
        producers[id]?.transaction = nil
    }

    private func end(_ transaction: Int, as outcome: TransactionState) {
        transactions[transaction] = outcome
        endedAt[transaction] = timeline.now
        guard let (offsets, replica) = pendingOffsets.removeValue(forKey: transaction), outcome == .committed else {
            return
        }
        for (partition, offset) in offsets { setCommitted(partition, offset, by: replica) }
    }

    // MARK: Logs

    func append(results records: [ResultRecord], transaction: Int? = nil) {
        results += records.map { Stored(record: $0, transaction: transaction) }
    }

    func append(deadLetters records: [ResultRecord], transaction: Int? = nil) {
        deadLetters += records.map { Stored(record: $0, transaction: transaction) }
    }

    func append(state records: [StateRecord], to partition: Int32, transaction: Int? = nil) {
        state[Int(partition)] += records.map { Stored(record: $0, transaction: transaction) }
    }

    /// Whether a `read_committed` reader sees it, once everything open has ended.
    func isVisible(_ stored: Stored<some Any>) -> Bool {
        stored.transaction.map { transactions[$0] == .committed } ?? true
    }

    /// Returns the moment at which a record became visible, which is that of its commit.
    func visibleAt(_ stored: Stored<ResultRecord>) -> Int64 {
        stored.transaction.map { endedAt[$0] } ?? stored.record.writtenAt
    }

    /// Returns what a `read_committed` reader sees in a state partition: up to the first record of an open transaction.
    ///
    /// Whether that is all that is in the log is a part of the answer.
    func readState(_ partition: Int32) -> StateReading {
        let log = state[Int(partition)]
        var reading = StateReading(seen: Int64(log.count), end: Int64(log.count))
        for (offset, stored) in log.enumerated() {
            if let transaction = stored.transaction, transactions[transaction] == .open {
                reading.seen = Int64(offset)
                break
            }
            guard isVisible(stored) else { continue }
            switch stored.record.key {
            case .ledger: reading.ledger = stored.record
            case .account(let id): reading.accounts[id] = stored.record.value == nil ? nil : stored.record
            }
        }
        return reading
    }

    // MARK: Offsets

    /// The group's offset as it stands; nil where none was committed.
    func committedOffset(_ partition: Int32) -> PartitionStart.CommittedOffset? { committed[Int(partition)] }

    /// Whether an incarnation of a replica has committed an offset of a partition since a moment.
    func hasCommitted(_ partition: Int32, by replica: String, since moment: Int64) -> Bool {
        commits[Int(partition)][replica].map { $0 >= moment } ?? false
    }

    /// Whether no open transaction holds an offset of the partition: a reader that asks for stable offsets waits for it.
    func isStable(_ partition: Int32) -> Bool {
        !pendingOffsets.contains { transactions[$0.key] == .open && $0.value.offsets[partition] != nil }
    }

    func setCommitted(_ partition: Int32, _ offset: Int64, by replica: String) {
        commits[Int(partition)][replica] = timeline.now
        if let old = ownCommitted[Int(partition)], offset < old { onRegression(partition, old, offset) }
        ownCommitted[Int(partition)] = offset
        committed[Int(partition)] = PartitionStart.CommittedOffset(offset, isOwn: true)
    }

    /// Somebody who is no worker commits an offset of the group; nil deletes it.
    func moveOffset(_ partition: Int32, to offset: Int64?) {
        committed[Int(partition)] = offset.map { PartitionStart.CommittedOffset($0, isOwn: false) }
    }
}
