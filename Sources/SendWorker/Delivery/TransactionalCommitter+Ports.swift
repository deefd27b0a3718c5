package import KafkaClient

extension TransactionalCommitter {
    /// What the committer needs of the rest of the worker.
    package struct Ports: Sendable {
        /// Makes a producer with a transactional id and batches of so many bytes at most.
        package var makeProducer: @Sendable (_ transactionalID: String, _ batchSize: Int) throws -> KafkaProducer
        /// What the topics take, as far as the brokers tell.
        package var readLimits: @Sendable () async -> [String: Int]
        /// Those of the worker's topics that do not exist.
        package var missingTopics: @Sendable () async -> [String]
        /// The group's metadata as it is now; throws where one of the partitions is not held any more since the
        /// assignment with that number.
        package var groupMetadata: @Sendable ([TopicPartition: UInt64]) async throws -> ConsumerGroupMetadata
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
            groupMetadata: @escaping @Sendable ([TopicPartition: UInt64]) async throws -> ConsumerGroupMetadata,
            lastMarker: @escaping @Sendable (Int32) async throws -> [UInt8]?,
            committedOffset: @escaping @Sendable () async -> Int64,
            ended: @escaping @Sendable (TransactionEnd) -> Void = { _ in },
            substituted: @escaping @Sendable (String) -> Void = { _ in },
            pause: @escaping @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) }
        ) {
            self.makeProducer = makeProducer
            self.readLimits = readLimits
            self.missingTopics = missingTopics
            self.groupMetadata = groupMetadata
            self.lastMarker = lastMarker
            self.committedOffset = committedOffset
            self.ended = ended
            self.substituted = substituted
            self.pause = pause
        }
    }
}
