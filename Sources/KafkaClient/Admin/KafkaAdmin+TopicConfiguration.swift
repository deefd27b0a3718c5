import CRdKafka

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
