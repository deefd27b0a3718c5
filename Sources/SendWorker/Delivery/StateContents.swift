import KafkaClient
import SendEngine

/// What has been read so far of one partition of the state topic: the last record of each key.
///
/// Nothing in the topic is trusted: what no worker wrote is passed over and counted, and what is kept is bounded.
struct StateContents: Sendable {
    /// Larger than any ledger or memory; such a record is passed over.
    static let largestValue = 1 << 20
    /// More accounts than that are not kept of one partition: about 100 MB of memories of a usual size.
    static let mostAccounts = 250_000

    /// The value of the last ledger record.
    private(set) var ledger: [UInt8]?
    /// The headers of that record, and its Kafka timestamp.
    private var headers: [KafkaHeader] = []
    private var writtenAt: Int64 = -1
    /// One past the last offset read; nil before the first reading.
    private(set) var end: Int64?
    private(set) var records = 0
    private(set) var bytes = 0
    private(set) var ignored: [IgnoredState: Int] = [:]
    private var memories: [String: Memory] = [:]

    private struct Memory {
        var value: [UInt8]
        var words: [UInt8]?
    }

    mutating func take(_ record: KafkaRecord) {
        if let end, record.offset < end { return }
        end = record.offset + 1
        records += 1
        bytes += (record.key?.count ?? 0) + (record.value?.count ?? 0)
        guard let subject = StateTopic.subject(of: record.key) else { return ignore(.foreign) }
        let isTooLarge = (record.value?.count ?? 0) > Self.largestValue
        switch subject {
        case .ledger where isTooLarge: ignore(.unreadableLedger)
        case .account where isTooLarge: ignore(.unreadableAccount)
        case .ledger:
            ledger = record.value
            headers = record.headers
            writtenAt = record.timestamp
        case .account(let id):
            let words = record.headers.last { $0.name == StateTopic.wordsHeader }?.value
            keep(record.value.map { Memory(value: $0, words: words) }, of: id)
        }
    }

    /// Notes that there is nothing more to read before an offset.
    mutating func reach(_ offset: Int64) {
        end = max(end ?? offset, offset)
    }

    private mutating func keep(_ memory: Memory?, of id: String) {
        if memory != nil, memories[id] == nil, memories.count >= Self.mostAccounts { return ignore(.tooManyAccounts) }
        memories[id] = memory
    }

    private mutating func ignore(_ cause: IgnoredState) { ignored[cause, default: 0] += 1 }

    /// The name of the delivery that wrote the ledger.
    var marker: [UInt8]? { headers.last { $0.name == StateTopic.deliveryHeader }?.value }

    /// The group whose worker wrote the ledger; nil where there is none, or it was written by a version that did not say.
    var group: String? { ledger == nil ? nil : StateTopic.group(in: headers) }

    /// The newest timestamp of a request that had been read when the ledger was written, in milliseconds; where the ledger
    /// does not say, when it was written itself. Nil where there is no ledger.
    var newestRead: Int64? {
        guard ledger != nil else { return nil }
        let stated = headers.last { $0.name == StateTopic.newestHeader }?.value
        return stated.flatMap { Int64(String(decoding: $0, as: UTF8.self)) } ?? (writtenAt > 0 ? writtenAt : nil)
    }

    /// Whether the ledger was written just before its own offset would have been committed, while this one stood: a replica
    /// without transactions died in between.
    func ledgerPrecedes(_ committed: Int64?) -> Bool { StateTopic.wasWritten(headers, whileCommitted: committed) }

    /// The ledger, where it can be read. It has still to be held against the committed offset.
    func decodedLedger() -> PartitionSnapshot? { ledger.flatMap { PartitionSnapshot(decoding: $0) } }

    /// The memories that can be read, and how many cannot.
    func decodedAccounts() -> (memories: [String: AccountMemory], unreadable: Int) {
        let decoded = memories.compactMapValues { AccountMemory(decoding: $0.value, words: $0.words) }
        return (decoded, memories.count - decoded.count)
    }
}

/// Why something in the state topic was not taken over.
package enum IgnoredState: String, Sendable, Hashable, CaseIterable {
    /// A ledger that does not begin at the offset that a worker of the group committed last, or that was given up for one
    /// that somebody else committed.
    case baseMismatch = "base_mismatch"
    /// An offset of the group that no worker committed.
    case movedOffset = "moved_offset"
    /// A ledger of an unknown version, or damaged.
    case unreadableLedger = "unreadable_ledger"
    /// A memory of an account of an unknown version, or damaged.
    case unreadableAccount = "unreadable_account"
    /// A record with a key that no worker writes.
    case foreign = "foreign_key"
    /// Accounts beyond the most that are kept.
    case tooManyAccounts = "too_many_accounts"
    /// A partition with records behind a transaction that nobody ended in time.
    case hidden = "open_transaction"
    /// A partition with a committed offset and without a ledger.
    case noLedger = "no_ledger"
}
