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
    private var closingQueue: QueueHandle?
    /// The offsets at which partitions that were started paused begin, for those that wait for it.
    var pausedBeginnings: [TopicPartition: Int64] = [:]

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
        callbacks.onStatistics = { [weak self] in self?.report(.statistics($0)) }
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
        if !pausedBeginnings.isEmpty { beginPaused() }
        if monitor.takeRecovery() { report(.brokersUp) }
        if !rebalance.defersCommits { sendDeferredCommits() }
        deliver()
        noteProgressOfClose()
    }

    /// Puts an event behind the records that came before it.
    func report(_ event: ConsumerEvent) {
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
        case .brokersDown(let error): report(.brokersDown(error))
        case .failure(let error): report(.failure(error))
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

extension ConsumerCore {
    /// Commits as soon as that does no harm; the promise is given the outcome.
    func commit(_ offsets: [TopicPartition: Int64], _ promise: Promise<KafkaError?>) -> UInt {
        let number = commits.open(promise)
        if rebalance.defersCommits {
            commits.append(number, offsets)
        } else {
            send(number, offsets)
        }
        return number
    }

    /// Sends what waited for the end of a rebalance.
    private func sendDeferredCommits() {
        for commit in commits.removeDeferred() { send(commit.number, commit.offsets) }
    }

    /// Asks the coordinator for a commit that it can only refuse, of a partition that does not exist.
    func askToCommit(_ absent: TopicPartition, _ promise: Promise<KafkaError?>) -> UInt {
        let number = commits.open(promise)
        offer([absent: 0], number)
        return number
    }

    private func send(_ number: UInt, _ offsets: [TopicPartition: Int64]) {
        let foreign = offsets.keys.filter { !rebalance.owns($0) }
        guard foreign.isEmpty, rd_kafka_assignment_lost(client.pointer) == 0 else {
            commits.end(number, .assignmentLost("commit", of: foreign.isEmpty ? Array(offsets.keys) : foreign))
            return
        }
        offer(offsets, number)
    }

    private func offer(_ offsets: [TopicPartition: Int64], _ number: UInt) {
        // The answer comes through the consumer's own queue, so on this thread and in order with the rest.
        let list = PartitionList(offsets, metadata: offsetMetadata)
        let result = rd_kafka_commit_queue(
            client.pointer,
            list.pointer,
            queue.pointer,
            { client, code, list, number in
                let failure =
                    code == RD_KAFKA_RESP_ERR_NO_ERROR
                    ? PartitionList.firstError(of: list, operation: "commit") : KafkaError(code, operation: "commit")
                ClientCallbacks.of(client)?.onCommit?(UInt(bitPattern: number), failure)
            },
            UnsafeMutableRawPointer(bitPattern: number)
        )
        if result != RD_KAFKA_RESP_ERR_NO_ERROR { commits.end(number, KafkaError(result, operation: "commit")) }
    }
}

/// Commits that nobody has answered yet.
///
/// librdkafka gets a number with each commit and gives it back with the answer, so an answer that comes after everybody
/// has stopped waiting touches no freed memory.
struct PendingCommits {
    /// A commit that waits for the end of a rebalance.
    struct Deferred {
        var number: UInt
        var offsets: [TopicPartition: Int64]
    }

    private var lastNumber: UInt = 0
    private var promises: [UInt: Promise<KafkaError?>] = [:]
    private var deferred: [Deferred] = []

    mutating func open(_ promise: Promise<KafkaError?>) -> UInt {
        lastNumber += 1
        promises[lastNumber] = promise
        return lastNumber
    }

    /// Defers a commit to the end of a rebalance.
    mutating func append(_ number: UInt, _ offsets: [TopicPartition: Int64]) {
        deferred.append(Deferred(number: number, offsets: offsets))
    }

    /// Removes the deferred commits, and returns those that somebody still waits for.
    mutating func removeDeferred() -> [Deferred] {
        defer { deferred = [] }
        return deferred.filter { promises[$0.number] != nil }
    }

    /// Nobody waits any more.
    mutating func forget(_ number: UInt) { promises[number] = nil }

    mutating func end(_ number: UInt, _ error: KafkaError?) {
        promises.removeValue(forKey: number)?.fulfil(error)
    }

    mutating func failAll(_ error: KafkaError) {
        for promise in promises.values { promise.fulfil(error) }
        promises = [:]
        deferred = []
    }
}

extension ConsumerCore {
    /// Gives the subscription up. What is assigned is revoked in the usual way.
    func leave() {
        phase = .leaving
        if var arrival = rebalance.arrival {
            if !arrival.partitions.isEmpty { report(.lost(arrival.partitions, .closing)) }
            arrival.partitions = []
            reportFailure { () throws(KafkaError) in try assign(arrival) }
        }
        reportFailure { () throws(KafkaError) in
            try KafkaError.check(rd_kafka_unsubscribe(client.pointer), "unsubscribe")
        }
        deliver()
        noteProgressOfClose()
    }

    /// Begins to close, without blocking; gives up at once what the application has not released by now.
    func beginClose() {
        phase = .closing
        if let departure = rebalance.departure {
            report(.lost(departure.partitions, .closing))
            reportFailure { () throws(KafkaError) in
                try giveUp(departure.partitions, isCooperative: departure.isCooperative)
            }
        }
        // Not the consumer's own queue: that one is forwarded to the one given here.
        let queue = QueueHandle(newFor: client)
        closingQueue = queue
        if let error = rd_kafka_consumer_close_queue(client.pointer, queue.pointer) {
            // A consumer that has failed for good has left already.
            rd_kafka_error_destroy(error)
            ended.fulfil(true)
        }
        deliver()
    }

    /// Told at every poll, since librdkafka only answers when it is asked.
    private func noteProgressOfClose() {
        if phase != .running && rebalance.isEmpty && hasNoMembership { left.fulfil(true) }
        if phase == .closing && rd_kafka_consumer_closed(client.pointer) != 0 { ended.fulfil(true) }
    }

    /// Whether the group has been told. Giving partitions up only asks librdkafka for it; a close that overtakes the last of
    /// that ends the consumer without a word to the group, whose other members then wait for the session to end.
    private var hasNoMembership: Bool {
        // Lifetime: librdkafka makes a copy for us.
        guard let memberID = rd_kafka_memberid(client.pointer) else { return true }
        defer { rd_kafka_mem_free(client.pointer, memberID) }
        return memberID.pointee == 0
    }
}
