import CRdKafka

/// The consumer proper: everything here happens on the consumer's thread, called by the actor or from within a poll.
final class ConsumerCore {
    let client: ClientHandle
    let queue: QueueHandle
    /// Fulfilled when, after leaving, nothing is assigned any more.
    let left = Promise<Bool>()
    /// Fulfilled when the group has been left for good.
    let ended = Promise<Bool>()
    var rebalance = RebalanceState()
    var commits = PendingCommits()
    var phase = Phase.running
    var closingQueue: QueueHandle?
    /// Where partitions that are on hold begin, for those that wait for it.
    var heldBeginnings: [TopicPartition: Int64] = [:]

    let offsetMetadata: String?

    let losses: LossReasons
    private let onEvent: @Sendable (ConsumerEvent) -> Void
    private let maximumBatch: Int
    private let monitor = ReachabilityMonitor()
    private var batch: [KafkaRecord] = []
    private var outbox: [ConsumerEvent] = []

    enum Phase {
        case running
        /// The subscription is given up; the application still drains.
        case leaving
        /// Whatever is left is given up at once.
        case closing
    }

    init(
        configuration: KafkaConfiguration,
        role: ClientRole,
        maximumBatch: Int,
        onEvent: @escaping @Sendable (ConsumerEvent) -> Void
    ) throws {
        let losses = LossReasons(configuration)
        let callbacks = ClientCallbacks(onLog: { losses.take($0) })
        self.losses = losses
        client = try ClientHandle(configuration, role: role, callbacks: callbacks)
        try KafkaError.check(rd_kafka_poll_set_consumer(client.pointer), "make a consumer")
        guard let queue = QueueHandle(consumerQueueOf: client) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__UNKNOWN_GROUP, operation: "make a consumer")
        }
        self.queue = queue
        offsetMetadata = configuration.offsetMetadata
        self.maximumBatch = max(maximumBatch, 1)
        self.onEvent = onEvent
        // Weak: the client keeps the callbacks, and this keeps the client.
        callbacks.onError = { [weak self] in self?.take($0) }
        callbacks.onStatistics = { [weak self] in self?.tell(.statistics($0)) }
        callbacks.onRebalance = { [weak self] in self?.take(rebalance: $0, of: $1) }
        callbacks.onCommit = { [weak self] in self?.commits.end($0, $1) }
    }

    deinit { commits.failAll(KafkaError.closed("commit")) }

    /// Polls once and tells what came of it.
    ///
    /// One poll waits, the others only take what is there: `rd_kafka_consume_batch_queue` would lose messages when a
    /// rebalance, a pause or a seek comes in between.
    func pollRound() {
        var topics = TopicNames()
        var message = rd_kafka_consumer_poll(client.pointer, 100)
        while let current = message {
            take(current, topics: &topics)
            rd_kafka_message_destroy(current)
            message = batch.count < maximumBatch ? rd_kafka_consumer_poll(client.pointer, 0) : nil
        }
        giveUpWhatWasLost()
        if !heldBeginnings.isEmpty { beginHeld() }
        if monitor.takeRecovery() { tell(.brokersUp) }
        if !rebalance.holdsCommits { sendHeldCommits() }
        deliver()
        noteProgressOfClose()
    }

    /// Puts an event behind the records that came before it.
    func tell(_ event: ConsumerEvent) {
        if !batch.isEmpty {
            outbox.append(.records(batch))
            batch = []
        }
        outbox.append(event)
    }

    /// Hands over what has been collected. Not from within a poll: the application may call back.
    func deliver() {
        if !batch.isEmpty {
            outbox.append(.records(batch))
            batch = []
            batch.reserveCapacity(maximumBatch)
        }
        let events = outbox
        outbox = []
        for event in events { onEvent(event) }
    }

    private func take(_ message: UnsafeMutablePointer<rd_kafka_message_t>, topics: inout TopicNames) {
        switch message.pointee.err {
        case RD_KAFKA_RESP_ERR_NO_ERROR:
            let topic = topics.name(of: message.pointee.rkt)
            guard rebalance.delivers(TopicPartition(topic: topic, partition: message.pointee.partition)) else { return }
            batch.append(KafkaRecord(copying: message, topic: topic))
        case RD_KAFKA_RESP_ERR__PARTITION_EOF: break
        case let code:
            let text = rd_kafka_message_errstr(message).map { String(cString: $0) }
            take(KafkaError(code, operation: "consume", message: text))
        }
    }

    private func take(_ error: KafkaError) {
        switch monitor.news(of: error, from: client) {
        case .brokersDown(let error): tell(.brokersDown(error))
        case .failure(let error): tell(.failure(error))
        case nil: break
        }
    }
}

/// Names of the topics met in one round of polling, so that each is made into a string once.
///
/// Lifetime: a topic's pointer is compared only within the round, during which its assignment keeps it.
struct TopicNames {
    private var names: [(topic: OpaquePointer, name: String)] = []

    mutating func name(of topic: OpaquePointer?) -> String {
        guard let topic else { return "" }
        if let known = names.first(where: { $0.topic == topic }) { return known.name }
        let name = String(cString: rd_kafka_topic_name(topic))
        names.append((topic, name))
        return name
    }
}
