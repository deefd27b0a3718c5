import InstagramMessaging
import KafkaClient

/// Looks at the topics.
struct TopicInspection: Sendable {
    /// How many topics a worker has.
    static let count = 4

    let configuration: WorkerConfiguration
    let kafka: KafkaConfiguration
    /// How many brokers the cluster has.
    let brokers: Int

    /// Where the topics are; after one that nobody answers for, the rest is not asked for.
    func placements(with admin: KafkaAdmin) async -> [TopicFacts] {
        let topics = configuration.topics
        var facts: [TopicFacts] = []
        for name in [topics.requests, topics.results, topics.deadLetters, topics.state] {
            let placement = await kafkaResult {
                try await admin.placement(of: name, timeout: KafkaInspection.lookupLimit)
            }
            facts.append(TopicFacts(name: name, placement: placement, settings: .success([:])))
            if case .failure(let error) = placement, error.isTimeout { break }
        }
        return facts
    }

    /// Whether the topics are there, fit together and can be read.
    func findings(of facts: [TopicFacts], _ admin: KafkaAdmin) async -> [Finding] {
        var findings = facts.map { $0.existence(brokers: brokers) }
        guard let requests = facts.first(where: { $0.name == configuration.topics.requests }),
            let state = facts.first(where: { $0.name == configuration.topics.state })
        else { return findings }
        findings += TopicFacts.fit(state, to: requests)
        async let ofRequests = readability(of: requests, admin)
        async let ofState = readability(of: state, admin)
        findings += await ofRequests + ofState
        return findings
    }

    /// What the topics' settings mean. Asked last: a broker that does not answer such questions keeps others waiting.
    func settingsFindings(_ facts: [TopicFacts], _ admin: KafkaAdmin) async -> [Finding] {
        let topics = configuration.topics
        let outstanding = configuration.worker.maxOutstandingPerPartition
        return await withTaskGroup(of: [Finding].self) { tasks in
            for known in facts {
                tasks.addTask {
                    let asked = await known.withSettings(admin)
                    return switch known.name {
                    case topics.state: asked.compaction() + asked.room(forLedgersOf: outstanding)
                    case topics.requests: asked.keepsAll(isAskedHere: true)
                    default: asked.room() + asked.keepsAll(isAskedHere: false)
                    }
                }
            }
            var findings: [Finding] = []
            for await found in tasks { findings += found }
            return findings.sorted { $0.text < $1.text }
        }
    }

    /// Fetches from the topic as the worker will, outside of any group. Of what comes, nothing is looked at.
    private func readability(of facts: TopicFacts, _ admin: KafkaAdmin) async -> [Finding] {
        guard case .success(let placement?) = facts.placement, placement.partitions > 0 else { return [] }
        let topic = facts.name
        let partition = TopicPartition(topic: topic, partition: 0)
        do {
            let marks = try await admin.watermarks(of: partition, timeout: KafkaInspection.readLimit)
            let isEmpty = marks.low >= marks.high
            let reader = try RecordReader(
                configuration: kafka,
                starts: [RecordReader.Start(partition, from: max(marks.low, marks.high - 1))],
                mode: isEmpty ? .following : .toEnd,
                maximumBatch: 1
            )
            // A refusal comes soon; in an empty partition nothing else ever comes.
            let answer = await TimeLimit.run(KafkaInspection.readLimit) {
                await Result { _ = try await reader.next() }
            }
            _ = await TimeLimit.run(.milliseconds(500)) { await reader.close() }
            try answer?.get()
            if answer == nil, !isEmpty {
                throw KafkaError(
                    code: KafkaError.Code.timedOut,
                    name: "_TIMED_OUT",
                    message: "no record came",
                    operation: "read \(partition)"
                )
            }
            return [.ok(.topics, "\(topic) can be read")]
        } catch {
            return [TopicFacts.unreadable(topic, error)]
        }
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

/// What the brokers say about one topic.
struct TopicFacts: Sendable {
    /// The largest record that the worker may have to write: a request of the largest size, and headers.
    static let largestRecord = MessageLimits.recordBytes + 8_192

    let name: String
    /// Nil for a topic that does not exist.
    let placement: Result<TopicPlacement?, KafkaError>
    /// Its settings by name.
    let settings: Result<[String: String], KafkaError>

    func withSettings(_ admin: KafkaAdmin) async -> TopicFacts {
        let settings = await kafkaResult {
            try await admin.topicConfiguration(name, timeout: KafkaInspection.answerLimit)
        }
        return TopicFacts(name: name, placement: placement, settings: settings)
    }
}

/// Runs something that throws only Kafka's errors; others count as such.
func kafkaResult<Value: Sendable>(_ body: () async throws -> Value) async -> Result<Value, KafkaError> {
    do {
        return .success(try await body())
    } catch let error as KafkaError {
        return .failure(error)
    } catch {
        return .failure(KafkaError(code: KafkaError.Code.state, name: "_STATE", message: "\(error)", operation: "ask"))
    }
}
