import CRdKafka

extension KafkaAdmin {
    /// How the creation of one topic went.
    package enum TopicCreation: Sendable, Hashable {
        case created
        /// There was a topic of that name before; it is left as it is.
        case existed
        case failed(KafkaError)
    }

    /// Creates topics and waits until the brokers know them and their partitions can be asked.
    ///
    /// A broker answers once the controller has noted a topic, a moment before it knows the topic itself.
    ///
    /// - Returns: How it went, by topic.
    /// - Throws: `KafkaError` where the request as a whole failed or a specification makes no sense.
    package func createTopics(
        _ topics: [TopicSpecification],
        timeout: Duration = .seconds(30)
    ) async throws -> [String: TopicCreation] {
        guard !topics.isEmpty else { return [:] }
        let client = try open("create topics")
        let result = await OwnThread.run {
            Result { () throws(KafkaError) in
                let deadline = ContinuousClock.now + timeout
                let outcomes = try Self.create(topics, client: client, timeout: timeout)
                for topic in topics where outcomes[topic.name] == .created {
                    Self.waitUntilKnown(topic, client: client, deadline: deadline)
                }
                return outcomes
            }
        }
        return try result.get()
    }

    /// The first partitions of a topic stand on different brokers.
    private static let partitionsAsked = 12

    /// Blocks until a new topic's partitions answer; created it is, whether they do in time or not.
    private static func waitUntilKnown(
        _ topic: TopicSpecification,
        client: ClientHandle,
        deadline: ContinuousClock.Instant
    ) {
        var partitions = (0..<Int32(min(topic.partitions, partitionsAsked)))
            .map { TopicPartition(topic: topic.name, partition: $0) }
        while let partition = partitions.last, ContinuousClock.now < deadline {
            do {
                _ = try Watermarks.query(partition, of: client.pointer, timeout: deadline - .now)
                partitions.removeLast()
            } catch {
                guard error.isUnknownPartition else { return }
                OwnThread.pause(milliseconds: 20)
            }
        }
    }

    private static func create(
        _ topics: [TopicSpecification],
        client: ClientHandle,
        timeout: Duration
    ) throws(KafkaError) -> [String: TopicCreation] {
        var natives: [OpaquePointer?] = []
        // Ours until the request has been sent, which copies them.
        defer { for case let native? in natives { rd_kafka_NewTopic_destroy(native) } }
        for topic in topics { natives.append(try makeNative(topic)) }
        return try AdminRequest.run(
            "create topics",
            RD_KAFKA_ADMIN_OP_CREATETOPICS,
            client: client,
            timeout: timeout,
            send: { options, queue in
                rd_kafka_CreateTopics(client.pointer, &natives, natives.count, options, queue)
            },
            read: { answer throws(KafkaError) in outcomes(of: answer) }
        )
    }

    private static func makeNative(_ topic: TopicSpecification) throws(KafkaError) -> OpaquePointer {
        guard topic.partitions >= 1, topic.replicationFactor ?? 1 >= 1 else {
            throw KafkaError(
                RD_KAFKA_RESP_ERR__INVALID_ARG,
                operation: "create topic \(topic.name)",
                message: "partitions and replication factor must be at least 1"
            )
        }
        let text = ErrorText()
        let native = rd_kafka_NewTopic_new(
            topic.name,
            Int32(clamping: topic.partitions),
            topic.replicationFactor.map { Int32(clamping: $0) } ?? -1,
            text.start,
            text.capacity
        )
        guard let native else {
            throw KafkaError(
                RD_KAFKA_RESP_ERR__INVALID_ARG,
                operation: "create topic \(topic.name)",
                message: text.text
            )
        }
        for (name, value) in topic.configuration {
            let code = rd_kafka_NewTopic_set_config(native, name, value)
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
                rd_kafka_NewTopic_destroy(native)
                throw KafkaError(code, operation: "create topic \(topic.name) with \(name)")
            }
        }
        return native
    }

    private static func outcomes(of answer: OpaquePointer) -> [String: TopicCreation] {
        var count = 0
        let topics = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(answer), &count)
        var outcomes: [String: TopicCreation] = [:]
        for index in 0..<count {
            guard let topic = topics?[index], let cName = rd_kafka_topic_result_name(topic) else { continue }
            let name = String(cString: cName)
            switch rd_kafka_topic_result_error(topic) {
            case RD_KAFKA_RESP_ERR_NO_ERROR:
                outcomes[name] = .created
            case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS:
                outcomes[name] = .existed
            case let code:
                let message = rd_kafka_topic_result_error_string(topic).map { String(cString: $0) }
                outcomes[name] = .failed(KafkaError(code, operation: "create topic \(name)", message: message))
            }
        }
        return outcomes
    }
}
