import CRdKafka

/// Transactions. Each call runs on a thread of its own, since librdkafka blocks in it; make one call at a time.
///
/// All throw `KafkaError`: `isFatal` ends the producer, `requiresAbort` ends the transaction, `isRetriable` means to
/// make the same call again.
extension KafkaProducer {
    /// Registers the transactional id, fences older producers of that id, and ends what they left open. Once, at first.
    package func initTransactions(timeout: Duration) async throws {
        try await transactional("init transactions") { rd_kafka_init_transactions($0, timeout.cMilliseconds) }
    }

    /// Begins a transaction: what is published from now on belongs to it.
    package func beginTransaction() async throws {
        try await transactional("begin transaction") { rd_kafka_begin_transaction($0) }
    }

    /// Adds a consumer's offsets to the transaction.
    ///
    /// - Parameters:
    ///   - offsets: For each partition that of the next record to read.
    ///   - metadata: The consumer's, taken just before; its generation fences a consumer that lost its partitions.
    ///   - timeout: How long to wait for the brokers.
    package func sendOffsets(
        _ offsets: [TopicPartition: Int64],
        metadata: ConsumerGroupMetadata,
        timeout: Duration
    ) async throws {
        guard !offsets.isEmpty else { return }
        try await transactional("send offsets") { [offsetMetadata] client in
            let list = PartitionList(offsets, metadata: offsetMetadata)
            return rd_kafka_send_offsets_to_transaction(
                client,
                list.pointer,
                metadata.pointer,
                timeout.cMilliseconds
            )
        }
    }

    /// Flushes and commits: all records and offsets of the transaction become visible together.
    package func commitTransaction(timeout: Duration) async throws {
        try await transactional("commit transaction") { rd_kafka_commit_transaction($0, timeout.cMilliseconds) }
    }

    /// Aborts: none of the transaction's records and offsets ever becomes visible, and its unfinished publishes fail.
    package func abortTransaction(timeout: Duration) async throws {
        try await transactional("abort transaction") { rd_kafka_abort_transaction($0, timeout.cMilliseconds) }
    }

    private func transactional(
        _ operation: String,
        _ body: @escaping @Sendable (OpaquePointer) -> OpaquePointer?
    ) async throws {
        let error = try await open(operation).onOwnThread { client in
            body(client).map { KafkaError(consuming: $0, operation: operation) }
        }
        if let error { throw error }
    }
}
