import KafkaClient

/// Looks whose ledgers stand in the state topic: two groups on the same topics would send everything twice.
struct LedgerInspection: Sendable {
    let configuration: WorkerConfiguration
    let kafka: KafkaConfiguration

    func findings(with admin: KafkaAdmin) async -> [Finding] {
        let limit = KafkaInspection.answerLimit
        let topic = configuration.topics.state
        let own = LedgerOwnership(group: configuration.kafka.groupId, takesOver: configuration.kafka.takeOverGroup)
        // What is wrong with the topic is said where topics are looked at.
        guard let count = try? await admin.partitionCounts([topic], timeout: limit)[topic] ?? nil,
            let groups = try? await groups(
                of: (0..<Int32(clamping: count)).map { TopicPartition(topic: topic, partition: $0) }
            )
        else { return [] }
        var findings: [Finding] = []
        for (group, partitions) in groups.sorted(by: { $0.key < $1.key }) where group != own.group {
            guard let members = try? await admin.describeGroup(group, timeout: limit).members.count,
                let objection = own.objection(to: group, members: members, partitions: partitions, topic: topic)
            else { continue }
            findings.append(.problem(.group, .configuration, objection.reason, remedy: objection.remedy))
        }
        return findings
    }

    /// The groups that the last ledgers of partitions name.
    private func groups(of partitions: [TopicPartition]) async throws -> [String: [Int32]] {
        let reader = try RecordReader(configuration: kafka, starts: partitions.map { RecordReader.Start($0) })
        // Nobody has to wait for its end.
        defer { Task { await reader.close() } }
        var groups: [Int32: String] = [:]
        while let records = try await StateSource.next(of: reader) {
            for record in records where StateTopic.subject(of: record.key) == .ledger {
                groups[record.partition] = StateTopic.group(in: record.headers)
            }
        }
        return Dictionary(grouping: groups.keys) { groups[$0] ?? "" }
    }
}
