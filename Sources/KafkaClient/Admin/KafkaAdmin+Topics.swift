import CRdKafka

/// A topic to be created.
package struct TopicSpecification: Sendable, Hashable {
    package var name: String
    /// At least 1.
    package var partitions: Int
    /// Copies of each partition, at least 1; nil is the broker's default.
    package var replicationFactor: Int?
    /// Topic settings by name, as in `cleanup.policy`.
    package var configuration: [String: String]

    package init(name: String, partitions: Int, replicationFactor: Int? = nil, configuration: [String: String] = [:]) {
        self.name = name
        self.partitions = partitions
        self.replicationFactor = replicationFactor
        self.configuration = configuration
    }
}

extension KafkaAdmin {
    /// The outcome of the creation of one topic.
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

extension KafkaAdmin {
    /// A topic's settings by name, defaults included. Settings that the broker keeps secret are left out.
    package func topicConfiguration(
        _ topic: String,
        timeout: Duration = .seconds(10)
    ) async throws -> [String: String] {
        let client = try open("topic configuration")
        let result = await OwnThread.run {
            Result { () throws(KafkaError) in try Self.describe(topic, client: client, timeout: timeout) }
        }
        return try result.get()
    }

    private static func describe(
        _ topic: String,
        client: ClientHandle,
        timeout: Duration
    ) throws(KafkaError) -> [String: String] {
        let operation = "configuration of topic \(topic)"
        guard let resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, operation: operation)
        }
        // Ours until the request has been sent, which copies it.
        defer { rd_kafka_ConfigResource_destroy(resource) }
        var resources: [OpaquePointer?] = [resource]
        return try AdminRequest.run(
            operation,
            RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS,
            client: client,
            timeout: timeout,
            send: { options, queue in
                rd_kafka_DescribeConfigs(client.pointer, &resources, resources.count, options, queue)
            },
            read: { answer throws(KafkaError) in try settings(in: answer, operation) }
        )
    }

    private static func settings(in answer: OpaquePointer, _ operation: String) throws(KafkaError) -> [String: String] {
        var resourceCount = 0
        let result = rd_kafka_event_DescribeConfigs_result(answer)
        let resources = rd_kafka_DescribeConfigs_result_resources(result, &resourceCount)
        guard resourceCount > 0, let resource = resources?[0] else { return [:] }
        let code = rd_kafka_ConfigResource_error(resource)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            let message = rd_kafka_ConfigResource_error_string(resource).map { String(cString: $0) }
            throw KafkaError(code, operation: operation, message: message)
        }
        var count = 0
        let entries = rd_kafka_ConfigResource_configs(resource, &count)
        var settings: [String: String] = [:]
        for index in 0..<count {
            guard let entry = entries?[index], let name = rd_kafka_ConfigEntry_name(entry) else { continue }
            guard let value = rd_kafka_ConfigEntry_value(entry) else { continue }
            settings[String(cString: name)] = String(cString: value)
        }
        return settings
    }
}

/// One admin request and its answer.
///
/// Lifetime: the options, the queue and the answer are destroyed before `run` returns; what the closures are given must
/// not be kept.
private enum AdminRequest {
    /// Sends a request and waits for its answer. Blocks; to be called on a thread of its own.
    static func run<Value>(
        _ operation: String,
        _ kind: rd_kafka_admin_op_t,
        client: ClientHandle,
        timeout: Duration,
        send: (_ options: OpaquePointer?, _ queue: OpaquePointer) -> Void,
        read: (_ answer: OpaquePointer) throws(KafkaError) -> Value
    ) throws(KafkaError) -> Value {
        let options = rd_kafka_AdminOptions_new(client.pointer, kind)
        defer { rd_kafka_AdminOptions_destroy(options) }
        let text = ErrorText()
        let limit = max(timeout.cMilliseconds, 1)
        rd_kafka_AdminOptions_set_request_timeout(options, limit, text.start, text.capacity)
        if kind == RD_KAFKA_ADMIN_OP_CREATETOPICS {
            rd_kafka_AdminOptions_set_operation_timeout(options, limit, text.start, text.capacity)
        }
        let queue = QueueHandle(newFor: client)
        send(options, queue.pointer)
        // librdkafka answers by itself when its time is over; the rest is for a clock that is a little behind.
        guard let answer = rd_kafka_queue_poll(queue.pointer, limit > Int32.max - 1_000 ? limit : limit + 1_000) else {
            throw KafkaError.timeout(operation, after: timeout)
        }
        defer { rd_kafka_event_destroy(answer) }
        let code = rd_kafka_event_error(answer)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            let message = rd_kafka_event_error_string(answer).map { String(cString: $0) }
            throw KafkaError(code, operation: operation, message: message)
        }
        return try read(answer)
    }
}
