import CRdKafka
import Synchronization

/// Writes records, each once and in order within its partition: the producer is idempotent.
///
/// With a transactional id, records and offsets become visible together or not at all. After a transactional call that
/// timed out (`KafkaError.isTimeout`), close the producer and make a new one: whether it took effect is not known.
package final class KafkaProducer: Sendable {
    /// Nil once the producer is closed.
    private let client: Mutex<OpenProducer?>
    private let reports = ReportThread()
    private let calls = CallThread()
    private let closed = Promise<Bool>()
    /// The text that is committed beside each offset.
    private let offsetMetadata: String?

    /// Makes a producer.
    ///
    /// - Parameters:
    ///   - configuration: Brokers and properties.
    ///   - transactionalID: Names the producer across restarts; nil for one without transactions. An older producer of
    ///     the same name is fenced.
    ///   - onEvent: Takes what the producer reports by itself, on the producer's thread; it should return soon.
    /// - Throws: `KafkaConfigurationError`.
    package init(
        configuration: KafkaConfiguration,
        transactionalID: String? = nil,
        onEvent: @escaping @Sendable (ProducerEvent) -> Void = { _ in }
    ) throws {
        let callbacks = ClientCallbacks(onLog: configuration.onLog)
        let monitor = ReachabilityMonitor()
        let role = ClientRole.producer(transactionalID: transactionalID)
        let handle = try ClientHandle(configuration, role: role, callbacks: callbacks)
        callbacks.onStatistics = { onEvent(.statistics($0)) }
        callbacks.onThrottle = { onEvent(.throttled(broker: $0, .milliseconds($1))) }
        callbacks.onError = { [weak handle] error in
            guard let handle else { return }
            switch monitor.news(of: error, from: handle) {
            case .brokersDown(let error): onEvent(.brokersDown(error))
            case .failure(let error): onEvent(.failure(error))
            case nil: break
            }
        }
        client = Mutex(OpenProducer(client: handle))
        offsetMetadata = configuration.offsetMetadata
        reports.start(handle) {
            if monitor.takeRecovery() { onEvent(.brokersUp) }
        }
    }

    deinit {
        reports.stop()
        calls.stop()
    }

    /// Writes records and returns when each is acknowledged or has failed.
    ///
    /// A full queue is waited for, and so is a broker that cannot be reached, for as long as `message.timeout.ms`.
    ///
    /// - Returns: For each record, in the same order, its offset or why it was not written.
    package func publish(_ records: [ProducerRecord]) async -> [Result<Int64, KafkaError>] {
        await publishAndLocate(records).map { $0.map(\.offset) }
    }

    /// Does what `publish` does, and tells the partition of each record beside its offset.
    package func publishAndLocate(_ records: [ProducerRecord]) async -> [Result<WrittenPlace, KafkaError>] {
        guard !records.isEmpty else { return [] }
        let batch = PublishBatch(count: records.count)
        var next = enqueue(records, from: 0, batch)
        while next < records.count {
            if await !reports.nextRound() {
                batch.end(next, .failure(KafkaError(RD_KAFKA_RESP_ERR__QUEUE_FULL, operation: "publish")))
                next += 1
            }
            next = enqueue(records, from: next, batch)
        }
        return await batch.outcomes()
    }

    /// Begins to look up where the partitions of topics are, so that the first record for each need not wait for that.
    /// Best once the brokers have answered something: a question that finds no connection is put again a second later.
    package func prepare(topics: [String]) throws {
        for topic in topics { _ = try handle(of: topic, for: "prepare topics") }
    }

    /// Asks the brokers for a topic's partitions. Without being asked, a producer learns of partitions that were added only
    /// when what it knows is some minutes old (`topic.metadata.refresh.interval.ms`).
    package func learnPartitions(of topic: String, timeout: Duration) async throws {
        let client = try open("partitions of \(topic)")
        let handle = try handle(of: topic, for: "partitions of \(topic)")
        let result = await OwnThread.run { () -> Result<Void, KafkaError> in
            Result { () throws(KafkaError) in
                // What it says stays with librdkafka.
                try ClusterMetadata.read(
                    "partitions of \(topic)",
                    of: client.pointer,
                    topic: handle.pointer,
                    timeout: timeout
                ) { _ in }
            }
        }
        try result.get()
    }

    /// Gives records to librdkafka for as long as its queue takes them. The client cannot be closed meanwhile: each record
    /// that was taken gets its report.
    ///
    /// - Returns: The first record that the queue had no room for, or the end.
    private func enqueue(_ records: [ProducerRecord], from start: Int, _ batch: PublishBatch) -> Int {
        client.withLock { client in
            for index in start..<records.count {
                do throws(KafkaError) {
                    guard client != nil else { throw KafkaError.closed("publish") }
                    try client?.offer(records[index], batch, index)
                } catch {
                    if error.code == RD_KAFKA_RESP_ERR__QUEUE_FULL.rawValue { return index }
                    batch.end(index, .failure(error))
                }
            }
            return records.count
        }
    }

    /// Delivers what is under way and frees everything; what is not delivered in time is given up and fails.
    ///
    /// - Parameter timeout: The longest time that this takes.
    /// - Returns: True where all was freed in time; what hangs is left behind on a thread of its own.
    @discardableResult
    package func close(timeout: Duration) async -> Bool {
        let start = ContinuousClock.now
        guard let destroyed = await flushAndDiscard(timeout: timeout / 2) else {
            return await closed.wait(timeout: timeout) ?? false
        }
        let rest = calls.hasHangingCall ? .zero : timeout - (.now - start)
        let isFreed = await destroyed.wait(timeout: rest) ?? false
        closed.fulfil(isFreed)
        return isFreed
    }

    /// Returns when the client is on its way out; nil where it was before.
    private func flushAndDiscard(timeout: Duration) async -> Promise<Bool>? {
        guard let client = client.withLock({ $0.take()?.client }) else { return nil }
        calls.stop()
        await client.onOwnThread { _ = rd_kafka_flush($0, timeout.cMilliseconds) }
        reports.stop()
        _ = await reports.ended.wait(timeout: timeout)
        return client.destroyed
    }

    private func handle(of topic: String, for operation: String) throws(KafkaError) -> TopicHandle {
        try client.withLock { client throws(KafkaError) in
            guard let handle = try client?.topic(topic) else { throw KafkaError.closed(operation) }
            return handle
        }
    }

    private func open(_ operation: String) throws(KafkaError) -> ClientHandle {
        guard let client = client.withLock({ $0?.client }) else { throw KafkaError.closed(operation) }
        return client
    }
}

/// A producer's client with the topics that it writes to.
private struct OpenProducer {
    let client: ClientHandle
    /// Kept, since it is a topic's first handle that has librdkafka ask for its partitions at once. A record that only names
    /// its topic waits for librdkafka's next look at what it lacks, up to a second (librdkafka before 2.10.1, its issue
    /// 5032), and has the topic looked up each time.
    private var topics: [String: TopicHandle] = [:]

    init(client: ClientHandle) { self.client = client }

    mutating func topic(_ name: String) throws(KafkaError) -> TopicHandle {
        if let known = topics[name] { return known }
        let topic = try TopicHandle(name, of: client)
        topics[name] = topic
        return topic
    }

    mutating func offer(_ record: ProducerRecord, _ batch: PublishBatch, _ index: Int) throws(KafkaError) {
        let topic = try topic(record.topic)
        let ticket = Unmanaged.passRetained(DeliveryTicket(batch: batch, index: index))
        do throws(KafkaError) {
            try record.enqueue(in: client.pointer, topic: topic.pointer, ticket: ticket.toOpaque())
        } catch {
            ticket.release()
            throw error
        }
    }
}

/// An event that a producer tells the application by itself.
package enum ProducerEvent: Sendable {
    /// No broker can be reached; told once. The producer goes on trying by itself.
    case brokersDown(KafkaError)
    /// A broker answers again; told once after each `brokersDown`.
    case brokersUp
    /// Something else went wrong. A fatal error ends the producer: close it and make a new one.
    case failure(KafkaError)
    /// A broker makes this client wait so long before it takes its next request, because of a quota; zero once it does not
    /// any more.
    case throttled(broker: String, Duration)
    /// librdkafka's statistics as JSON, where `statistics.interval.ms` is set.
    case statistics(String)
}

/// Transactions. The calls run on one thread of the producer's, since librdkafka blocks in them; make one call at a time.
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

    /// The longest time of a call that asks no broker.
    private static let longestLocalCall = Duration.seconds(10)

    /// Makes a call on the producer's own thread; it holds the client meanwhile.
    ///
    /// - Parameter body: The call; returns librdkafka's error object.
    func transactional(
        _ operation: String,
        within timeout: Duration,
        _ body: @escaping @Sendable (OpaquePointer) -> OpaquePointer?
    ) async throws {
        let client = try open(operation)
        try await calls.make(operation, within: timeout) {
            body(client.pointer).map { KafkaError(consuming: $0, operation: operation) }
        }
    }
}
