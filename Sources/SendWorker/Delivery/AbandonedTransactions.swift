import KafkaClient

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

    /// Who wrote the first record at or behind the end of what can be seen: the open transaction's.
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
