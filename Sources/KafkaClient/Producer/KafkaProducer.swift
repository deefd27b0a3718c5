import CRdKafka
import Synchronization

/// Writes records, each once and in order within its partition: the producer is idempotent.
///
/// With a transactional id, records and offsets become visible together or not at all. After a transactional call that
/// timed out (`KafkaError.isTimeout`), close the producer and make a new one: whether it took effect is not known.
package final class KafkaProducer: Sendable {
    private let client: Mutex<ClientHandle?>
    private let reports = ReportThread()
    private let closed = Promise<Bool>()
    /// Whether a call was given up that has not returned: it holds the client, perhaps for good.
    private let hasHangingCall = Mutex(false)
    /// What is committed beside each offset.
    let offsetMetadata: String?

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
        client = Mutex(handle)
        offsetMetadata = configuration.offsetMetadata
        reports.start(handle) {
            if monitor.takeRecovery() { onEvent(.brokersUp) }
        }
    }

    deinit { reports.stop() }

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
        for (index, record) in records.enumerated() { await enqueue(record, batch, index) }
        return await batch.outcomes()
    }

    /// Asks the brokers for a topic's partitions. Without being asked, a producer learns of partitions that were added only
    /// when what it knows is some minutes old (`topic.metadata.refresh.interval.ms`).
    package func learnPartitions(of topic: String, timeout: Duration) async throws {
        let client = try open("partitions of \(topic)")
        let result = await OwnThread.run { () -> Result<Void, KafkaError> in
            Result { () throws(KafkaError) in
                let handle = try TopicHandle(topic, of: client)
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

    private func enqueue(_ record: ProducerRecord, _ batch: PublishBatch, _ index: Int) async {
        while true {
            do throws(KafkaError) {
                try offer(record, batch, index)
                return
            } catch {
                guard error.code == RD_KAFKA_RESP_ERR__QUEUE_FULL.rawValue, await reports.nextRound() else {
                    batch.end(index, .failure(error))
                    return
                }
            }
        }
    }

    private func offer(_ record: ProducerRecord, _ batch: PublishBatch, _ index: Int) throws(KafkaError) {
        let client = try open("publish")
        let ticket = Unmanaged.passRetained(DeliveryTicket(batch: batch, index: index))
        do throws(KafkaError) {
            try record.enqueue(in: client.pointer, ticket: ticket.toOpaque())
        } catch {
            ticket.release()
            throw error
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
        let rest = hasHangingCall.withLock { $0 } ? .zero : timeout - (.now - start)
        let isFreed = await destroyed.wait(timeout: rest) ?? false
        closed.fulfil(isFreed)
        return isFreed
    }

    /// Returns when the client is on its way out; nil where it was before.
    private func flushAndDiscard(timeout: Duration) async -> Promise<Bool>? {
        guard let client = client.withLock({ $0.take() }) else { return nil }
        await client.onOwnThread { _ = rd_kafka_flush($0, timeout.cMilliseconds) }
        reports.stop()
        _ = await reports.ended.wait(timeout: timeout)
        return client.destroyed
    }

    func noteHangingCall() { hasHangingCall.withLock { $0 = true } }

    func open(_ operation: String) throws(KafkaError) -> ClientHandle {
        guard let client = client.withLock({ $0 }) else { throw KafkaError.closed(operation) }
        return client
    }
}
