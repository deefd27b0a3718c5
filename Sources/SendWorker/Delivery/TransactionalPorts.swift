package import KafkaClient

extension TransactionalCommitter {
    /// The functions that the committer needs of the rest of the worker.
    package struct Ports: Sendable {
        /// Makes a producer with a transactional id and batches of so many bytes at most.
        package var makeProducer: @Sendable (_ transactionalID: String, _ batchSize: Int) throws -> KafkaProducer
        /// Returns the limits of the topics, as far as the brokers tell.
        package var readLimits: @Sendable () async -> [String: Int]
        /// Returns the topics of the worker that do not exist.
        package var missingTopics: @Sendable () async -> [String]
        /// The group's metadata as it is now, then what the consumer owns, with the number of each assignment.
        package var membership: @Sendable () async throws -> (ConsumerGroupMetadata, [Int32: UInt64])
        /// The marker of the delivery that last wrote a partition's ledger.
        package var lastMarker: @Sendable (Int32) async throws -> [UInt8]?
        /// The group's offset of the requests topic's first partition, 0 where there is none.
        package var committedOffset: @Sendable () async -> Int64
        /// Told how each transaction ended.
        package var ended: @Sendable (TransactionEnd) -> Void
        /// Told the topic of each record that was written smaller than it is.
        package var substituted: @Sendable (String) -> Void
        /// Waits before another try.
        package var pause: @Sendable (Duration) async -> Void

        package init(
            makeProducer: @escaping @Sendable (_ transactionalID: String, _ batchSize: Int) throws -> KafkaProducer,
            readLimits: @escaping @Sendable () async -> [String: Int],
            missingTopics: @escaping @Sendable () async -> [String],
            membership: @escaping @Sendable () async throws -> (ConsumerGroupMetadata, [Int32: UInt64]),
            lastMarker: @escaping @Sendable (Int32) async throws -> [UInt8]?,
            committedOffset: @escaping @Sendable () async -> Int64,
            ended: @escaping @Sendable (TransactionEnd) -> Void = { _ in },
            substituted: @escaping @Sendable (String) -> Void = { _ in },
            pause: @escaping @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) }
        ) {
            self.makeProducer = makeProducer
            self.readLimits = readLimits
            self.missingTopics = missingTopics
            self.membership = membership
            self.lastMarker = lastMarker
            self.committedOffset = committedOffset
            self.ended = ended
            self.substituted = substituted
            self.pause = pause
        }
    }
}

/// A producer without transactions that is made anew when batches are to have another size.
actor ReplaceableProducer {
    private let make: @Sendable (_ batchSize: Int) throws -> KafkaProducer
    private var current: (producer: KafkaProducer, batchSize: Int)?
    private var isClosed = false

    /// - Parameter make: Makes a producer whose batches have so many bytes at most.
    init(_ make: @escaping @Sendable (_ batchSize: Int) throws -> KafkaProducer) {
        self.make = make
    }

    /// Publishes records; one call at a time.
    func publish(_ records: [ProducerRecord], batchSize: Int) async -> [Result<Int64, KafkaError>] {
        do {
            return await (try await ready(batchSize)).publish(records)
        } catch {
            let failure = error as? KafkaError ?? .unusable("\(error)")
            return records.map { _ in .failure(failure) }
        }
    }

    func learnPartitions(of topic: String) async {
        try? await current?.producer.learnPartitions(of: topic, timeout: .seconds(10))
    }

    /// - Returns: False where something hangs.
    func close() async -> Bool {
        isClosed = true
        let last = current
        current = nil
        return await last?.producer.close(timeout: .seconds(10)) ?? true
    }

    private func ready(_ batchSize: Int) async throws -> KafkaProducer {
        if let current, current.batchSize == batchSize { return current.producer }
        guard !isClosed else { throw KafkaError.unusable("the producer is closed") }
        let old = current
        let made = try make(batchSize)
        current = (made, batchSize)
        await old?.producer.close(timeout: .seconds(10))
        return made
    }
}

/// Ends transactions that replicas left open in the state topic when they died.
///
/// The brokers would do it too, but only once the transaction's time is over. A producer that announces a transactional
/// id ends what an earlier holder of the id left open; the earlier holder is fenced by that. So this is only for
/// partitions that this replica owns: whoever has a transaction open in one of them is not their owner any more.
struct AbandonedTransactions: Sendable {
    private static let timeout = Duration.seconds(10)

    let topic: StateTopic
    let configuration: KafkaConfiguration
    let replicas: ReplicaNames

    /// - Parameter offsets: Where the oldest open transaction of each partition begins.
    /// - Returns: The transactional ids whose transactions have ended.
    func end(beginningAt offsets: [Int32: Int64]) async throws -> [String] {
        var ended: Set<String> = []
        for (number, offset) in offsets {
            guard let writer = try await writer(in: number, at: offset) else { continue }
            let producer = try KafkaProducer(configuration: configuration, transactionalID: writer)
            do {
                try await abort(with: producer, in: number)
            } catch {
                await producer.close(timeout: .seconds(5))
                throw error
            }
            await producer.close(timeout: .seconds(5))
            ended.insert(writer)
        }
        return ended.sorted()
    }

    /// Kafka ends what was left open when the id is announced. Other brokers only fence the earlier holder then; aborting
    /// a transaction in the same partition makes them write the marker that ends the old one too.
    private func abort(with producer: KafkaProducer, in number: Int32) async throws {
        try await producer.initTransactions(timeout: Self.timeout)
        try await producer.beginTransaction()
        for answer in await producer.publish([topic.emptyRecord(in: number)]) { _ = try answer.get() }
        try await producer.abortTransaction(timeout: Self.timeout)
    }

    /// Returns who wrote the first record at or behind the end of what can be seen: the open transaction's.
    private func writer(in number: Int32, at offset: Int64) async throws -> String? {
        let reader = try RecordReader(
            configuration: configuration.seeingOpenTransactions,
            starts: [RecordReader.Start(topic.partition(number), from: offset)],
            maximumBatch: 1
        )
        do {
            let first = try await StateSource.next(of: reader)?.first
            await reader.close()
            return replicas.other(first?.headers.last { $0.name == StateTopic.writerHeader }?.value)
        } catch {
            await reader.close()
            throw error
        }
    }
}
