/// Reads partitions from a position on, without a consumer group: nothing is committed, nobody else is disturbed.
///
/// It fetches ahead only a little, so a slow caller costs no memory. The actor's executor is a thread of its own, on
/// which librdkafka blocks.
package actor RecordReader {
    /// Where to begin in a partition.
    package struct Start: Sendable, Hashable {
        package var partition: TopicPartition
        /// The first offset to read; nil is the oldest record there is.
        package var offset: Int64?

        package init(_ partition: TopicPartition, from offset: Int64? = nil) {
            self.partition = partition
            self.offset = offset
        }
    }

    /// When to stop.
    package enum Mode: Sendable, Hashable {
        /// At the end as it is when reading begins. Under `read_committed`, the default, that is where the oldest open
        /// transaction begins.
        case toEnd
        /// Never: waits for new records.
        case following
    }

    private let thread: PollThread
    private let starts: [Start]
    private let mode: Mode
    private var core: ReaderCore?
    private var hasStarted = false

    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Makes a reader; reading begins with the first `next`.
    ///
    /// - Parameter maximumBatch: At most so many records at a time, at least 1.
    /// - Throws: `KafkaConfigurationError`.
    package init(
        configuration: KafkaConfiguration,
        starts: [Start],
        mode: Mode = .toEnd,
        maximumBatch: Int = 512
    ) throws {
        core = try ReaderCore(configuration, maximumBatch: maximumBatch)
        self.starts = starts
        self.mode = mode
        thread = PollThread()
        thread.start()
    }

    deinit { thread.stop() }

    /// Waits for the next records, in offset order within each partition.
    ///
    /// While no broker can be reached it waits too; cancel the task to give up.
    ///
    /// - Returns: One or more records, or nil at the end.
    /// - Throws: `KafkaError`, or `CancellationError` where the task is cancelled.
    package func next() async throws -> [KafkaRecord]? {
        while true {
            try Task.checkCancellation()
            guard let core else { throw KafkaError.closed("read") }
            if !hasStarted {
                try core.start(starts, mode: mode)
                hasStarted = true
            }
            guard let batch = try core.poll() else { return nil }
            if !batch.isEmpty { return batch }
            // Lets a `close` in.
            await Task.yield()
        }
    }

    /// Where each partition ended when reading to the end began: that far `next` reads. Empty before the first `next`,
    /// while following, and after `close`.
    package var ends: [TopicPartition: Int64] { core?.ends ?? [:] }

    /// What `next` gives, as a sequence. Make one only.
    package nonisolated var batches: AsyncThrowingStream<[KafkaRecord], any Error> {
        AsyncThrowingStream { try await self.next() }
    }

    /// Frees everything; `next` throws from then on.
    package func close() async {
        let destroyed = core?.client.destroyed
        core = nil
        _ = await destroyed?.wait(timeout: .seconds(5))
    }
}
