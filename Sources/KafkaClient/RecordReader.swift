import CRdKafka

/// Reads partitions from a position on, without a consumer group: nothing is committed, nobody else is disturbed.
///
/// It fetches ahead only a little, so a slow caller costs no memory. The actor's executor is a thread of its own, on
/// which librdkafka blocks.
package actor RecordReader {
    /// The place to begin at in a partition.
    package struct Start: Sendable, Hashable {
        package var partition: TopicPartition
        /// The first offset to read; nil is the oldest record there is.
        package var offset: Int64?

        package init(_ partition: TopicPartition, from offset: Int64? = nil) {
            self.partition = partition
            self.offset = offset
        }
    }

    /// The point at which to stop.
    package enum Mode: Sendable, Hashable {
        /// At the end as it is when reading begins. Under `read_committed`, the default, that is where the oldest open
        /// transaction begins.
        case toEnd
        /// Never: waits for new records.
        case following
    }

    private let thread: ExecutorThread
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
        core = try ReaderCore(mode == .toEnd ? configuration.withoutWaiting : configuration, maximumBatch: maximumBatch)
        self.starts = starts
        self.mode = mode
        thread = ExecutorThread()
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

    /// The ends of the partitions when reading to the end began: that far `next` reads. Empty before the first `next`,
    /// while following, and after `close`.
    package var ends: [TopicPartition: Int64] { core?.ends ?? [:] }

    /// The batches that `next` gives, as a sequence. Make one only.
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

extension KafkaConfiguration {
    /// The same for a client that wants nothing but what is there. With librdkafka's default a broker keeps a question
    /// that it has no record for for half a second, and that a partition's end is reached is known by such an answer.
    fileprivate var withoutWaiting: KafkaConfiguration {
        var configuration = self
        configuration.properties.append((name: "fetch.wait.max.ms", value: "10"))
        return configuration
    }
}

/// The reader proper: everything here blocks and happens on the reader's thread.
///
/// It uses librdkafka's consumer without a group, so nothing is asked of a group coordinator and no group is needed.
/// Lifetime: the partitions are stopped before their topics and the queue go, on a thread of its own once the reader
/// is dropped.
private final class ReaderCore {
    let client: ClientHandle
    private let queue: QueueHandle
    private let maximumBatch: Int
    /// Nil while following.
    private var cursor: ReadCursor?
    /// The ends of the partitions when reading began; empty while following.
    private(set) var ends: [TopicPartition: Int64] = [:]
    private var topics: [String: TopicHandle] = [:]
    private var started: [(topic: TopicHandle, partition: Int32)] = []

    init(_ configuration: KafkaConfiguration, maximumBatch: Int) throws {
        let callbacks = ClientCallbacks(onLog: configuration.onLog)
        client = try ClientHandle(configuration, role: .reader, callbacks: callbacks)
        queue = QueueHandle(newFor: client)
        self.maximumBatch = max(maximumBatch, 1)
    }

    deinit {
        let started = started
        let queue = queue
        // Blocks, and whoever lets go of a reader should not have to wait.
        OwnThread.start {
            for (topic, partition) in started { rd_kafka_consume_stop(topic.pointer, partition) }
            withExtendedLifetime(queue) {}
        }
    }

    /// Looks up where each partition ends now and begins to fetch.
    func start(_ starts: [RecordReader.Start], mode: RecordReader.Mode) throws(KafkaError) {
        var ends: [TopicPartition: Int64] = [:]
        var wanted = starts
        if mode == .toEnd {
            wanted = []
            for start in starts {
                let marks = try Watermarks.query(start.partition, of: client.pointer, timeout: .seconds(10))
                self.ends[start.partition] = marks.high
                guard max(start.offset ?? marks.low, marks.low) < marks.high else { continue }
                ends[start.partition] = marks.high
                wanted.append(start)
            }
            cursor = ReadCursor(ends: ends)
        }
        for start in wanted { try begin(start) }
    }

    /// The records that come within a short time, maybe none; nil at the end.
    func poll() throws(KafkaError) -> [KafkaRecord]? {
        if cursor?.isAtEnd == true { return nil }
        var names = TopicNames()
        var batch: [KafkaRecord] = []
        var message = rd_kafka_consume_queue(queue.pointer, 100)
        while let current = message {
            defer { rd_kafka_message_destroy(current) }
            if let record = try take(current, &names) { batch.append(record) }
            let isDone = batch.count >= maximumBatch || cursor?.isAtEnd == true
            message = isDone ? nil : rd_kafka_consume_queue(queue.pointer, 0)
        }
        return batch
    }

    private func begin(_ start: RecordReader.Start) throws(KafkaError) {
        let name = start.partition.topic
        let topic: TopicHandle
        if let known = topics[name] { topic = known } else { topic = try TopicHandle(name, of: client) }
        topics[name] = topic
        let offset = start.offset ?? Int64(RD_KAFKA_OFFSET_BEGINNING)
        let number = start.partition.partition
        guard rd_kafka_consume_start_queue(topic.pointer, number, offset, queue.pointer) == 0 else {
            throw KafkaError(rd_kafka_last_error(), operation: "read \(start.partition)")
        }
        started.append((topic, number))
    }

    private func take(
        _ message: UnsafeMutablePointer<rd_kafka_message_t>,
        _ names: inout TopicNames
    ) throws(KafkaError) -> KafkaRecord? {
        let name = names.name(of: message.pointee.rkt)
        let partition = TopicPartition(topic: name, partition: message.pointee.partition)
        switch message.pointee.err {
        case RD_KAFKA_RESP_ERR_NO_ERROR:
            guard cursor?.take(partition, offset: message.pointee.offset) != false else { return nil }
            return KafkaRecord(copying: message, topic: name)
        case RD_KAFKA_RESP_ERR__PARTITION_EOF:
            cursor?.reachEnd(partition, offset: message.pointee.offset)
            return nil
        case RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__TIMED_OUT:
            // librdkafka goes on by itself when a broker is back.
            return nil
        case let code:
            let text = rd_kafka_message_errstr(message).map { String(cString: $0) }
            throw KafkaError(code, operation: "read \(partition)", message: text)
        }
    }
}

/// The progress of a reader in each of its partitions. Pure.
struct ReadCursor {
    /// One past the last offset to read; a partition leaves when it is reached.
    private var ends: [TopicPartition: Int64] = [:]

    init(ends: [TopicPartition: Int64]) {
        self.ends = ends
    }

    var isAtEnd: Bool { ends.isEmpty }

    /// Whether the record is still wanted; notes that all before it has been read.
    mutating func take(_ partition: TopicPartition, offset: Int64) -> Bool {
        guard let end = ends[partition] else { return false }
        if offset + 1 >= end { ends[partition] = nil }
        return offset < end
    }

    /// Notes that there is nothing to read before the offset any more. The last records before an end may be
    /// transaction markers, which nobody gets to see.
    mutating func reachEnd(_ partition: TopicPartition, offset: Int64) {
        if let end = ends[partition], offset >= end { ends[partition] = nil }
    }
}
