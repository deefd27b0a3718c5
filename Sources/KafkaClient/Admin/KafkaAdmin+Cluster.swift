import CRdKafka

/// A broker as the cluster names it.
package struct KafkaBroker: Sendable, Hashable, CustomStringConvertible {
    package var id: Int32
    package var host: String
    package var port: Int

    package init(id: Int32, host: String, port: Int) {
        self.id = id
        self.host = host
        self.port = port
    }

    package var description: String { "\(host):\(port)" }
}

/// The layout of a topic over the brokers.
package struct TopicPlacement: Sendable, Hashable {
    package var partitions: Int
    /// Copies of the partition that has the fewest, those that are behind included.
    package var copies: Int
    /// Partitions that have no leader now, which can be neither read nor written.
    package var leaderless: [Int32]
    /// The number of partitions that have a copy that is behind.
    package var underReplicated: Int

    package init(partitions: Int, copies: Int, leaderless: [Int32] = [], underReplicated: Int = 0) {
        self.partitions = partitions
        self.copies = copies
        self.leaderless = leaderless
        self.underReplicated = underReplicated
    }
}

extension KafkaAdmin {
    /// The brokers of the cluster, as the first that answers names them.
    package func brokers(timeout: Duration = .seconds(10)) async throws -> [KafkaBroker] {
        let result = try await open("brokers").onOwnThread { client in
            Result { () throws(KafkaError) in
                try ClusterMetadata.read("brokers", of: client, topic: nil, timeout: timeout) { metadata in
                    ClusterMetadata.brokers(of: metadata)
                }
            }
        }
        return try result.get()
    }

    /// The layout of a topic; nil for one that does not exist.
    package func placement(of topic: String, timeout: Duration = .seconds(10)) async throws -> TopicPlacement? {
        let client = try open("placement of \(topic)")
        let result = await OwnThread.run {
            Result { () throws(KafkaError) in try Self.placement(of: topic, client: client, timeout: timeout) }
        }
        return try result.get()
    }

    private static func placement(
        of topic: String,
        client: ClientHandle,
        timeout: Duration
    ) throws(KafkaError) -> TopicPlacement? {
        let operation = "placement of \(topic)"
        let handle = try TopicHandle(topic, of: client)
        return try ClusterMetadata.read(operation, of: client.pointer, topic: handle.pointer, timeout: timeout) {
            metadata throws(KafkaError) in
            guard metadata.topic_cnt > 0, let answer = metadata.topics?[0] else { return nil }
            switch answer.err {
            case RD_KAFKA_RESP_ERR_NO_ERROR: return ClusterMetadata.placement(of: answer)
            case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART: return nil
            default: throw KafkaError(answer.err, operation: operation)
            }
        }
    }
}

/// One answer to a question for metadata.
///
/// Lifetime: the answer is destroyed before `read` returns; what the closure is given must not be kept.
enum ClusterMetadata {
    static func read<Value>(
        _ operation: String,
        of client: OpaquePointer,
        topic: OpaquePointer?,
        timeout: Duration,
        _ body: (rd_kafka_metadata) throws(KafkaError) -> Value
    ) throws(KafkaError) -> Value {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(client, 0, topic, &metadata, timeout.cMilliseconds)
        defer { if let metadata { rd_kafka_metadata_destroy(metadata) } }
        try KafkaError.check(code, operation)
        guard let metadata else { throw KafkaError.timeout(operation, after: timeout) }
        return try body(metadata.pointee)
    }

    static func brokers(of metadata: rd_kafka_metadata) -> [KafkaBroker] {
        UnsafeBufferPointer(start: metadata.brokers, count: Int(max(metadata.broker_cnt, 0))).map { broker in
            KafkaBroker(
                id: broker.id,
                host: broker.host.map { String(cString: $0) } ?? "",
                port: Int(broker.port)
            )
        }
    }

    static func placement(of topic: rd_kafka_metadata_topic) -> TopicPlacement {
        let partitions = UnsafeBufferPointer(start: topic.partitions, count: Int(max(topic.partition_cnt, 0)))
        return TopicPlacement(
            partitions: partitions.count,
            copies: partitions.map { Int($0.replica_cnt) }.min() ?? 0,
            leaderless: partitions.filter { $0.leader < 0 }.map(\.id).sorted(),
            underReplicated: partitions.count { $0.isr_cnt < $0.replica_cnt }
        )
    }
}

/// A consumer group as its coordinator sees it.
package struct GroupDescription: Sendable, Hashable {
    /// A consumer of the group.
    package struct Member: Sendable, Hashable {
        package var clientID: String
        package var host: String

        package init(clientID: String, host: String) {
            self.clientID = clientID
            self.host = host
        }
    }

    /// In Kafka's words: `Stable`, `Empty`, `Dead` (there is no such group), `PreparingRebalance`, `CompletingRebalance`.
    package var state: String
    package var members: [Member]
    /// The assignment strategy that its members have agreed on; empty where there are none or they have not yet.
    package var strategy: String

    package init(state: String, members: [Member], strategy: String = "") {
        self.state = state
        self.members = members
        self.strategy = strategy
    }
}

extension KafkaAdmin {
    /// The state and the members of a consumer group. One that does not exist, or that the brokers do not show because a
    /// right is missing, is `Dead` and has no members.
    ///
    /// Asked with librdkafka's older function: the newer ones for groups end the process (an assertion in
    /// `rdkafka_queue.h`) where a coordinator's connection is lost meanwhile, in 2.0.2 and later versions.
    package func describeGroup(_ group: String, timeout: Duration = .seconds(10)) async throws -> GroupDescription {
        let result = try await open("describe group \(group)").onOwnThread { client in
            Result { () throws(KafkaError) in try Self.describe(group: group, client: client, timeout: timeout) }
        }
        return try result.get()
    }

    private static func describe(
        group: String,
        client: OpaquePointer,
        timeout: Duration
    ) throws(KafkaError) -> GroupDescription {
        let operation = "describe group \(group)"
        var list: UnsafePointer<rd_kafka_group_list>?
        let code = rd_kafka_list_groups(client, group, &list, timeout.cMilliseconds)
        // Ours to destroy; nothing of it is kept.
        defer { if let list { rd_kafka_group_list_destroy(list) } }
        try KafkaError.check(code, operation)
        guard let list, list.pointee.group_cnt > 0, let native = list.pointee.groups?[0] else {
            return GroupDescription(state: "Dead", members: [])
        }
        try KafkaError.check(native.err, operation)
        let members = UnsafeBufferPointer(start: native.members, count: Int(max(native.member_cnt, 0)))
        return GroupDescription(
            state: native.state.map { String(cString: $0) } ?? "Unknown",
            members: members.map { member in
                GroupDescription.Member(
                    clientID: member.client_id.map { String(cString: $0) } ?? "",
                    host: member.client_host.map { String(cString: $0) } ?? ""
                )
            },
            strategy: native.protocol.map { String(cString: $0) } ?? ""
        )
    }
}
