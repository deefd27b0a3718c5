import CRdKafka

/// The reader proper: everything here blocks and happens on the reader's thread.
///
/// It uses librdkafka's consumer without a group, so nothing is asked of a group coordinator and no group is needed.
/// Lifetime: the partitions are stopped before their topics and the queue go, on a thread of its own once the reader
/// is dropped.
final class ReaderCore {
    let client: ClientHandle
    private let queue: QueueHandle
    private let maximumBatch: Int
    /// Nil while following.
    private var cursor: ReadCursor?
    /// Where each partition ended when reading began; empty while following.
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
