import CRdKafka

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
