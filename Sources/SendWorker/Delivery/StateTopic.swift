package import KafkaClient
import SendEngine

/// The workers' own compacted topic: what a partition's next owner has to know of its requests and their accounts.
///
/// Partition n of it belongs to partition n of the requests topic. The key says what a record is about; the last record
/// of a key counts, and one without a value says that there is nothing to know any more.
package struct StateTopic: Sendable {
    /// What a record is about.
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
    /// What workers commit beside their offsets, so that others' can be told from them.
    static let offsetMetadata = "\(WorkerVersion.name)/\(WorkerVersion.current)"
    /// What a memory of an account says beyond its value, of which an earlier version reads the whole or nothing.
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

    /// What to do where it has another number of partitions than the requests topic. It holds what keeps messages from
    /// being sent twice, so it is not to be deleted lightly.
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
        return delivery.accounts.map { account in
            var record = record(.account(account.accountID), account.partition, account.memory)
            if let words = account.words { record.headers.append(KafkaHeader(name: Self.wordsHeader, value: words)) }
            return record
        }
            + delivery.ledgers.map { number, ledger in
                var record = record(.ledger, number, ledger)
                if let group { record.headers.append(KafkaHeader(name: Self.groupHeader, value: Array(group.utf8))) }
                if let newest = delivery.newestRead[number] {
                    record.headers.append(KafkaHeader(name: Self.newestHeader, value: Array(String(newest).utf8)))
                }
                if isAlone { record.headers.append(Self.committedHeader(delivery.committedBefore[number])) }
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

    /// What a key stands for; nil for one that no worker writes.
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
