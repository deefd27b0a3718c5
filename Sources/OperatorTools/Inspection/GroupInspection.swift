import KafkaClient
import SendWorker
import Synchronization

/// Looks at the consumer group: its state, its members, and how far it is behind.
struct GroupInspection: Sendable {
    /// The number of partitions that are asked for their ends at once, and the longest time for it.
    private static let width = 8
    private static let patience = Duration.seconds(1)

    let configuration: WorkerConfiguration
    let kafka: KafkaConfiguration

    func findings(with admin: KafkaAdmin) async -> [Finding] {
        let group = configuration.kafka.groupId
        let topic = configuration.topics.requests
        let limit = KafkaInspection.answerLimit
        async let asked = kafkaResult { try await admin.describeGroup(group, timeout: limit) }
        // What is wrong with the topic is said where topics are looked at.
        guard let count = try? await admin.partitionCounts([topic], timeout: limit)[topic] ?? nil else {
            return await GroupFacts(
                group: group,
                topic: topic,
                description: asked,
                strategies: kafka.assignmentStrategies
            ).findings
        }
        let partitions = (0..<Int32(clamping: count)).map { TopicPartition(topic: topic, partition: $0) }
        let committed = await committedOffsets(of: partitions)
        var marks: [TopicPartition: Watermarks] = [:]
        if case .success = committed { marks = await watermarks(of: partitions, admin) }
        var facts = await GroupFacts(
            group: group,
            topic: topic,
            description: asked,
            strategies: kafka.assignmentStrategies,
            partitions: count
        )
        facts.committed = committed
        facts.marks = marks
        return facts.findings
    }

    /// Asked by a consumer that names the group and does not join it.
    private func committedOffsets(
        of partitions: [TopicPartition]
    ) async -> Result<[TopicPartition: Int64], KafkaError> {
        let refusal = FirstFailure()
        return await kafkaResult {
            let consumer = try KafkaConsumer(
                configuration: kafka,
                groupID: configuration.kafka.groupId,
                onEvent: { refusal.take($0) }
            )
            // Nobody has to wait for its end.
            defer { Task { await consumer.close(timeout: .seconds(2)) } }
            do {
                let offsets = try await consumer.committedOffsets(partitions, timeout: KafkaInspection.answerLimit)
                // Who may look at a group may not always join it.
                try await consumer.checkGroupRights(
                    topic: configuration.topics.requests,
                    timeout: KafkaInspection.answerLimit
                )
                return offsets
            } catch {
                // A coordinator that refuses is asked again and again, until the time is over.
                throw refusal.error ?? error
            }
        }
    }

    /// The ends of the partitions, as many as can be learned in a short time.
    private func watermarks(of partitions: [TopicPartition], _ admin: KafkaAdmin) async -> [TopicPartition: Watermarks]
    {
        let end = ContinuousClock.now + Self.patience
        var known: [TopicPartition: Watermarks] = [:]
        var rest = partitions[...]
        while !rest.isEmpty, ContinuousClock.now < end {
            let now = rest.prefix(Self.width)
            rest = rest.dropFirst(Self.width)
            await withTaskGroup(of: (TopicPartition, Watermarks?).self) { tasks in
                for partition in now {
                    tasks.addTask { (partition, try? await admin.watermarks(of: partition, timeout: .seconds(2))) }
                }
                for await (partition, marks) in tasks { known[partition] = marks }
            }
        }
        return known
    }
}

/// The first error that a consumer tells by itself.
private final class FirstFailure: Sendable {
    private let first = Mutex<KafkaError?>(nil)

    var error: KafkaError? { first.withLock { $0 } }

    func take(_ event: ConsumerEvent) {
        guard case .failure(let error) = event else { return }
        first.withLock { $0 = $0 ?? error }
    }
}

/// The brokers' answers about the group.
struct GroupFacts: Sendable {
    let group: String
    /// The requests topic.
    let topic: String
    let description: Result<GroupDescription, KafkaError>
    /// The assignment strategies of a worker with this configuration; empty where they do not matter.
    var strategies: [String] = []
    /// Of the requests topic; nil where they are not known.
    var partitions: Int?
    /// Nil where they were not asked for.
    var committed: Result<[TopicPartition: Int64], KafkaError>?
    var marks: [TopicPartition: Watermarks] = [:]

    var findings: [Finding] {
        guard let committed else { return [membership] }
        // To whoever has no right to the group, it looks as if it had no members.
        if case .failure(let error) = committed, error.code == KafkaError.Code.groupAuthorization {
            return [progress(committed)]
        }
        return [membership, progress(committed)]
    }

    private var membership: Finding {
        switch description {
        case .failure(let error):
            return refused(error, "cannot be described")
        case .success(let description) where description.members.isEmpty:
            return .ok(.group, "\(group) has no member now (\(description.state)): no worker runs")
        case .success(let description):
            let count = description.members.count
            let text = "\(group) is \(description.state) with \(count) member\(count == 1 ? "" : "s")"
            if let misfit = AssignmentMisfit(group: group, of: description, own: strategies) {
                return .problem(.group, .configuration, misfit.problem, remedy: misfit.remedy)
            }
            guard let partitions, count > partitions else { return .ok(.group, text) }
            return .warning(
                .group,
                "\(text), and \(topic) has \(partitions) partitions: \(count - partitions) of them have nothing to do",
                remedy: "run fewer replicas, or add partitions as docs/operations.md says"
            )
        }
    }

    private func progress(_ committed: Result<[TopicPartition: Int64], KafkaError>) -> Finding {
        switch committed {
        case .failure(let error):
            return refused(error, "cannot be asked for its offsets")
        case .success(let offsets) where offsets.isEmpty:
            let waiting = marks.values.reduce(0) { $0 + ($1.high - $1.low) }
            return .ok(
                .group,
                "\(group) has committed nothing yet: the first worker begins with the oldest of \(waiting) records"
                    + unknownMarks
            )
        case .success(let offsets):
            let lag = marks.reduce(Int64(0)) { sum, mark in
                sum + max(mark.value.high - (offsets[mark.key] ?? mark.value.low), 0)
            }
            return .ok(
                .group,
                "\(group) has committed offsets for \(offsets.count) of \(partitions ?? 0) partitions; its lag is \(lag)"
                    + unknownMarks
            )
        }
    }

    private var unknownMarks: String {
        let missing = (partitions ?? 0) - marks.count
        return missing > 0 ? " (\(missing) partitions did not tell their end in time)" : ""
    }

    private func refused(_ error: KafkaError, _ what: String) -> Finding {
        // A worker needs Read on both, which includes Describe.
        if let right = MissingRight(error, reading: topic, for: group) {
            return .problem(.group, .configuration, "\(group) \(what): \(right.text)", remedy: right.remedy)
        }
        // Not every broker answers such questions; the worker does not ask them.
        return .warning(
            .group,
            "\(group) \(what): \(error.name): \(error.message)",
            remedy: "look it up with kafka-consumer-groups.sh --describe --group \(group)"
        )
    }
}

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
