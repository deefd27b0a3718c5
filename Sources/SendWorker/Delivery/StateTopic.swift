package import KafkaClient
import SendEngine

/// The workers' own compacted topic: what a partition's next owner has to know of its requests and their accounts.
///
/// Partition n of it belongs to partition n of the requests topic. The key says what a record is about; the last record
/// of a key counts, and one without a value says that there is nothing to know any more.
package struct StateTopic: Sendable {
    /// The subject of a record.
    package enum Subject: Sendable, Hashable {
        /// The partition's offsets; the value is a `PartitionSnapshot`.
        case ledger
        /// The account of that id; the value is an `AccountMemory`.
        case account(String)
    }

    /// Names the delivery that wrote a record, so that a delivery whose commit timed out can be found again.
    static let deliveryHeader = "delivery"
    /// The transactional id of the replica that wrote a record, so that a transaction which it left open can be ended.
    static let writerHeader = "writer"
    /// Without transactions: the offset that was committed when a ledger was written, for the case that its own does not
    /// follow. `none` where there was none.
    static let committedHeader = "committed"
    /// The group whose worker wrote a ledger: two groups on the same topics would send everything twice.
    static let groupHeader = "group"
    /// The newest timestamp of a request that had been read when a ledger was written: tells a log that was made anew from
    /// one that has lost its end.
    static let newestHeader = "newest"
    /// The metadata that workers commit beside their offsets, so that others' can be told from them.
    static let offsetMetadata = "\(WorkerVersion.name)/\(WorkerVersion.current)"
    /// The part of an account's memory beyond its value, of which an earlier version reads the whole or nothing.
    static let wordsHeader = "words"
    private static let ledgerKey = Array("ledger".utf8)
    private static let accountPrefix = Array("account:".utf8)
    private static let longestAccountID = 32

    private let name: String
    /// The group that ledgers are written for; nil leaves it out.
    private let group: String?

    package init(name: String, group: String? = nil) {
        self.name = name
        self.group = group
    }

    /// Whether a worker committed an offset that has these metadata.
    static func isOwn(_ metadata: String) -> Bool { metadata.hasPrefix("\(WorkerVersion.name)/") }

    /// The most bytes that a batch with one ledger takes: each unfinished request may stand between others that have
    /// ended, as a run of its own behind one of up to half a million offsets, which are four bytes.
    ///
    /// - Parameter outstanding: How many unfinished requests it may name.
    package static func largestLedger(outstanding: Int) -> Int { 1_024 + 4 * max(outstanding, 1) }

    /// Returns what to do where it has another number of partitions than the requests topic. It holds what keeps
    /// messages from being sent twice, so it is not to be deleted lightly.
    package static func remedy(_ name: String, partitions: Int, requests: Int) -> String {
        partitions < requests
            ? "give it as many: kafka-topics.sh --alter --topic \(name) --partitions \(requests)"
            : "give the requests topic as many, or let the workers finish everything that is published, stop them, delete "
                + "\(name), then: send-worker topics create --partitions \(requests)"
    }

    /// The records that make a delivery's ledgers and accounts durable.
    ///
    /// - Parameters:
    ///   - marker: The delivery's name.
    ///   - writer: The transactional id of the replica, where it writes in a transaction.
    package func records(for delivery: Delivery, marker: [UInt8]? = nil, writer: String? = nil) -> [ProducerRecord] {
        var headers: [KafkaHeader] = []
        let isAlone = writer == nil
        if let marker { headers.append(KafkaHeader(name: Self.deliveryHeader, value: marker)) }
        if let writer { headers.append(KafkaHeader(name: Self.writerHeader, value: Array(writer.utf8))) }
        func record(_ subject: Subject, _ partition: Int32, _ value: [UInt8]?) -> ProducerRecord {
            ProducerRecord(
                topic: name,
                partition: partition,
                key: Self.key(of: subject),
                value: value,
                headers: headers
            )
        }
        // Accounts first: whoever sees only some of it sees accounts that are more careful, and no offset without them.
        return delivery.commit.accounts.map { account in
            var record = record(.account(account.accountID), account.partition, account.memory)
            if let words = account.words { record.headers.append(KafkaHeader(name: Self.wordsHeader, value: words)) }
            return record
        }
            + delivery.commit.ledgers.map { number, ledger in
                var record = record(.ledger, number, ledger)
                if let group { record.headers.append(KafkaHeader(name: Self.groupHeader, value: Array(group.utf8))) }
                if let newest = delivery.commit.newestRead[number] {
                    record.headers.append(KafkaHeader(name: Self.newestHeader, value: Array(String(newest).utf8)))
                }
                if isAlone { record.headers.append(Self.committedHeader(delivery.commit.committedBefore[number])) }
                return record
            }
    }

    private static func committedHeader(_ offset: Int64?) -> KafkaHeader {
        KafkaHeader(name: committedHeader, value: Array((offset.map(String.init) ?? "none").utf8))
    }

    /// The group that a ledger was written for; nil where it does not say.
    package static func group(in headers: [KafkaHeader]) -> String? {
        headers.last { $0.name == groupHeader }?.value.flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// Whether a ledger was written while that offset was committed, to be followed by its own.
    static func wasWritten(_ headers: [KafkaHeader], whileCommitted offset: Int64?) -> Bool {
        headers.last { $0.name == committedHeader } == committedHeader(offset)
    }

    static func key(of subject: Subject) -> [UInt8] {
        switch subject {
        case .ledger: ledgerKey
        case .account(let id): accountPrefix + Array(id.utf8)
        }
    }

    /// Returns what a key stands for; nil for one that no worker writes.
    package static func subject(of key: [UInt8]?) -> Subject? {
        guard let key else { return nil }
        if key == ledgerKey { return .ledger }
        let id = key.dropFirst(accountPrefix.count)
        guard key.starts(with: accountPrefix), (1...longestAccountID).contains(id.count),
            id.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return .account(String(decoding: id, as: UTF8.self))
    }

    /// A record that says nothing.
    func emptyRecord(in number: Int32) -> ProducerRecord {
        ProducerRecord(topic: name, partition: number, key: Self.key(of: .account("0")), value: nil)
    }

    func partition(_ number: Int32) -> TopicPartition {
        TopicPartition(topic: name, partition: number)
    }
}

/// The content that has been read so far of one partition of the state topic: the last record of each key.
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
