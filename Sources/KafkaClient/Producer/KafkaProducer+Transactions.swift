import CRdKafka

/// Transactions. Each call runs on a thread of its own, since librdkafka blocks in it; make one call at a time.
///
/// All throw `KafkaError`: `isFatal` ends the producer, `requiresAbort` ends the transaction, `isRetriable` means to
/// make the same call again.
extension KafkaProducer {
    /// Registers the transactional id, fences older producers of that id, and ends what they left open. Once, at first.
    package func initTransactions(timeout: Duration) async throws {
        try await transactional("init transactions", within: timeout) {
            rd_kafka_init_transactions($0, timeout.cMilliseconds)
        }
    }

    /// Begins a transaction: what is published from now on belongs to it.
    package func beginTransaction() async throws {
        try await transactional("begin transaction", within: Self.longestLocalCall) { rd_kafka_begin_transaction($0) }
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
        try await transactional("send offsets", within: timeout) { [offsetMetadata] client in
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
        try await transactional("commit transaction", within: timeout) {
            rd_kafka_commit_transaction($0, timeout.cMilliseconds)
        }
    }

    /// Aborts: none of the transaction's records and offsets ever becomes visible, and its unfinished publishes fail.
    package func abortTransaction(timeout: Duration) async throws {
        try await transactional("abort transaction", within: timeout) {
            rd_kafka_abort_transaction($0, timeout.cMilliseconds)
        }
    }

    /// For a call that asks no broker.
    private static let longestLocalCall = Duration.seconds(10)
    /// How much longer than its own time-out a call may take: a busy machine lets it return late.
    private static let grace = Duration.seconds(2)

    /// Makes a call, and gives it up where it outlasts its time-out by far.
    ///
    /// Sending offsets has no time-out but those of its requests. Newer versions (seen with 2.16.0) let go of brokers that the
    /// metadata do not name any more, as of one that died, but may remember one as the group's coordinator and send the
    /// offsets to it: such a request neither leaves nor times out, and the call never returns.
    private func transactional(
        _ operation: String,
        within timeout: Duration,
        _ body: @escaping @Sendable (OpaquePointer) -> OpaquePointer?
    ) async throws {
        let client = try open(operation)
        let answer = Promise<Result<Void, KafkaError>>()
        OwnThread.start {
            let error = body(client.pointer).map { KafkaError(consuming: $0, operation: operation) }
            answer.fulfil(error.map { .failure($0) } ?? .success(()))
        }
        guard let result = await answer.wait(timeout: timeout + Self.grace) else {
            noteHangingCall()
            throw KafkaError.timeout(operation, after: timeout + Self.grace)
        }
        try result.get()
    }
}
