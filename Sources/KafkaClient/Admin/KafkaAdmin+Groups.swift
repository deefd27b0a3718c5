import CRdKafka

/// A consumer group as its coordinator sees it.
package struct GroupDescription: Sendable, Hashable {
    /// A consumer of the group.
    package struct Member: Sendable, Hashable {
        package var clientID: String
        /// Its name for static membership; nil where it has none.
        package var instanceID: String?
        package var host: String

        package init(clientID: String, instanceID: String? = nil, host: String) {
            self.clientID = clientID
            self.instanceID = instanceID
            self.host = host
        }
    }

    /// In Kafka's words: `Stable`, `Empty`, `Dead` (there is no such group), `PreparingRebalance`, `CompletingRebalance`.
    package var state: String
    package var members: [Member]

    package init(state: String, members: [Member]) {
        self.state = state
        self.members = members
    }
}

extension KafkaAdmin {
    /// The state and the members of a consumer group. One that does not exist is `Dead` or `Empty`, without members.
    package func describeGroup(_ group: String, timeout: Duration = .seconds(10)) async throws -> GroupDescription {
        let client = try open("describe group \(group)")
        let result = await OwnThread.run {
            Result { () throws(KafkaError) in try Self.describe(group: group, client: client, timeout: timeout) }
        }
        return try result.get()
    }

    /// A group's committed offsets; partitions without one are left out. Asked from the outside: the group is not joined.
    package func committedOffsets(
        of group: String,
        _ partitions: [TopicPartition],
        timeout: Duration = .seconds(10)
    ) async throws -> [TopicPartition: Int64] {
        guard !partitions.isEmpty else { return [:] }
        let client = try open("committed offsets of group \(group)")
        let result = await OwnThread.run {
            Result { () throws(KafkaError) in
                try Self.committed(of: group, partitions, client: client, timeout: timeout)
            }
        }
        return try result.get()
    }

    private static func describe(
        group: String,
        client: ClientHandle,
        timeout: Duration
    ) throws(KafkaError) -> GroupDescription {
        let operation = "describe group \(group)"
        return try AdminRequest.run(
            operation,
            RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS,
            client: client,
            timeout: timeout,
            send: { options, queue in
                // librdkafka copies the name before it returns.
                group.withCString { name in
                    var names: [UnsafePointer<CChar>?] = [name]
                    rd_kafka_DescribeConsumerGroups(client.pointer, &names, names.count, options, queue)
                }
            },
            read: { answer throws(KafkaError) in
                var count = 0
                let result = rd_kafka_event_DescribeConsumerGroups_result(answer)
                let groups = rd_kafka_DescribeConsumerGroups_result_groups(result, &count)
                guard count > 0, let native = groups?[0] else {
                    return GroupDescription(state: "Dead", members: [])
                }
                try check(rd_kafka_ConsumerGroupDescription_error(native), operation)
                return GroupDescription(native)
            }
        )
    }

    private static func committed(
        of group: String,
        _ partitions: [TopicPartition],
        client: ClientHandle,
        timeout: Duration
    ) throws(KafkaError) -> [TopicPartition: Int64] {
        let operation = "committed offsets of group \(group)"
        let list = PartitionList(partitions)
        guard let request = rd_kafka_ListConsumerGroupOffsets_new(group, list.pointer) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, operation: operation)
        }
        // Ours until the request has been sent, which copies it.
        defer { rd_kafka_ListConsumerGroupOffsets_destroy(request) }
        var requests: [OpaquePointer?] = [request]
        return try AdminRequest.run(
            operation,
            RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS,
            client: client,
            timeout: timeout,
            send: { options, queue in
                rd_kafka_ListConsumerGroupOffsets(client.pointer, &requests, requests.count, options, queue)
            },
            read: { answer throws(KafkaError) in
                var count = 0
                let result = rd_kafka_event_ListConsumerGroupOffsets_result(answer)
                let groups = rd_kafka_ListConsumerGroupOffsets_result_groups(result, &count)
                guard count > 0, let native = groups?[0] else { return [:] }
                try check(rd_kafka_group_result_error(native), operation)
                let answered = UnsafeMutablePointer(mutating: rd_kafka_group_result_partitions(native))
                if let error = PartitionList.firstError(of: answered, operation: operation) { throw error }
                return PartitionList.offsets(of: answered)
            }
        )
    }

    /// Throws for an error that belongs to an answer, and is destroyed with it.
    private static func check(_ error: OpaquePointer?, _ operation: String) throws(KafkaError) {
        guard let error else { return }
        let code = rd_kafka_error_code(error)
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        throw KafkaError(code, operation: operation, message: String(cString: rd_kafka_error_string(error)))
    }
}

extension GroupDescription {
    /// Copies a description that belongs to an answer.
    fileprivate init(_ native: OpaquePointer) {
        let count = rd_kafka_ConsumerGroupDescription_member_count(native)
        let name = rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(native))
        self.init(
            state: name.map { String(cString: $0) } ?? "Unknown",
            members: (0..<count).compactMap { index in
                rd_kafka_ConsumerGroupDescription_member(native, index).map { member in
                    let instance = rd_kafka_MemberDescription_group_instance_id(member).map { String(cString: $0) }
                    return Member(
                        clientID: rd_kafka_MemberDescription_client_id(member).map { String(cString: $0) } ?? "",
                        instanceID: instance.flatMap { $0.isEmpty ? nil : $0 },
                        host: rd_kafka_MemberDescription_host(member).map { String(cString: $0) } ?? ""
                    )
                }
            }
        )
    }
}
