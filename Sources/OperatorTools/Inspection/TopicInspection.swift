import KafkaClient
import SendWorker

/// Looks at the topics.
struct TopicInspection: Sendable {
    /// The number of topics that a worker has.
    static let count = 4

    let configuration: WorkerConfiguration
    let kafka: KafkaConfiguration
    /// The number of brokers in the cluster.
    let brokers: Int

    /// Returns where the topics are; after one that nobody answers for, the rest is not asked for.
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

    /// Judges the topics' settings. Asked last: a broker that does not answer such questions keeps others waiting.
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

/// The brokers' answers about one topic.
struct TopicFacts: Sendable {
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

/// The meaning of the facts for a worker. Pure.
extension TopicFacts {
    private static let create = "send-worker topics create"

    func existence(brokers: Int) -> Finding {
        switch placement {
        case .failure(let error):
            return refused(error, "Describe", "cannot be looked up")
        case .success(nil):
            return .problem(.topics, .configuration, "\(name) does not exist", remedy: Self.create)
        case .success(let placement?):
            return existence(placement, brokers: brokers)
        }
    }

    private func existence(_ placement: TopicPlacement, brokers: Int) -> Finding {
        let text =
            "\(name) has \(placement.partitions) partitions, \(placement.copies) "
            + (placement.copies == 1 ? "copy each" : "copies each")
        if !placement.leaderless.isEmpty {
            let numbers = placement.leaderless.prefix(10).map(String.init).joined(separator: ", ")
            return .problem(
                .topics,
                .failed,
                "\(text); partitions without a leader: \(numbers)",
                remedy: "bring the brokers back that hold them"
            )
        }
        if placement.copies == 1, brokers > 1 {
            return .warning(
                .topics,
                text,
                remedy: "raise its replication factor, 3 is usual, so that no broker is its only one"
            )
        }
        if placement.underReplicated > 0 {
            return .warning(
                .topics,
                "\(text); \(placement.underReplicated) partitions have a copy that is behind",
                remedy: "see that all brokers are up"
            )
        }
        return .ok(.topics, text)
    }

    /// Whether the state topic has as many partitions as the requests topic; says nothing where one is not known.
    static func fit(_ state: TopicFacts, to requests: TopicFacts) -> [Finding] {
        guard case .success(let ofState?) = state.placement, case .success(let ofRequests?) = requests.placement else {
            return []
        }
        guard ofState.partitions == ofRequests.partitions else {
            return [
                .problem(
                    .topics,
                    .configuration,
                    "\(state.name) has \(ofState.partitions) partitions and \(requests.name) has \(ofRequests.partitions);"
                        + " they must be as many",
                    remedy: StateTopic.remedy(
                        state.name,
                        partitions: ofState.partitions,
                        requests: ofRequests.partitions
                    )
                )
            ]
        }
        return [.ok(.topics, "\(state.name) has as many partitions as \(requests.name)")]
    }

    /// Whether the topic is compacted.
    func compaction() -> [Finding] {
        guard isThere else { return [] }
        switch settings {
        case .failure(let error):
            return [unasked(error, "cleanup.policy")]
        case .success(let settings):
            guard let policy = settings["cleanup.policy"] else { return [unanswered("cleanup.policy")] }
            if policy.contains("compact") { return [.ok(.topics, "\(name) has cleanup.policy=\(policy)")] }
            return [
                .warning(
                    .topics,
                    "\(name) has cleanup.policy=\(policy): it grows without end, or forgets what it must keep",
                    remedy: "kafka-configs.sh --bootstrap-server … --alter --entity-type topics --entity-name \(name)"
                        + " --add-config cleanup.policy=compact"
                )
            ]
        }
    }

    /// Whether the topic keeps every record for its time, and not only the newest of each key.
    ///
    /// - Parameter isAskedHere: False where another finding says that the settings cannot be asked for.
    func keepsAll(isAskedHere: Bool) -> [Finding] {
        guard isThere else { return [] }
        switch settings {
        case .failure(let error):
            return isAskedHere ? [unasked(error, "cleanup.policy")] : []
        case .success(let settings):
            guard let policy = settings["cleanup.policy"] else {
                return isAskedHere ? [unanswered("cleanup.policy")] : []
            }
            guard policy.contains("compact") else { return [.ok(.topics, "\(name) has cleanup.policy=\(policy)")] }
            return [
                .problem(
                    .topics,
                    .configuration,
                    "\(name) has cleanup.policy=\(policy): \(TopicDemands.whatCompactionDoes)",
                    remedy: TopicDemands.keepAll(name)
                )
            ]
        }
    }

    /// Whether the topic takes the largest record that the worker may have to write.
    func room() -> [Finding] {
        let largest = TopicDemands.largestRecord
        return room(for: largest, what: "a request of 64 KiB with its headers has up to \(largest)")
    }

    /// Whether the topic takes the largest ledger.
    ///
    /// - Parameter outstanding: How many unfinished requests it may name.
    func room(forLedgersOf outstanding: Int) -> [Finding] {
        let largest = StateTopic.largestLedger(outstanding: outstanding)
        return room(
            for: largest,
            what: "a ledger has up to \(largest) with worker.maxOutstandingPerPartition=\(outstanding)"
        )
    }

    private func room(for largest: Int, what: String) -> [Finding] {
        guard isThere else { return [] }
        switch settings {
        case .failure(let error):
            return [unasked(error, "max.message.bytes")]
        case .success(let settings):
            guard let limit = BatchLimits.limit(in: settings) else { return [unanswered("max.message.bytes")] }
            if limit >= largest { return [.ok(.topics, "\(name) takes records of \(limit) bytes")] }
            let text = "\(name) takes records of \(limit) bytes; "
            if limit < BatchLimits.least {
                return [
                    .problem(
                        .topics,
                        .configuration,
                        text + "the smallest result and dead letter need \(BatchLimits.least)",
                        remedy: TopicDemands.takeMore(name)
                    )
                ]
            }
            return [.warning(.topics, text + what, remedy: TopicDemands.takeMore(name))]
        }
    }

    static func unreadable(_ topic: String, _ error: any Error) -> Finding {
        guard let error = error as? KafkaError else {
            return .problem(.topics, .failed, "\(topic) cannot be read: \(error)", remedy: "put kafka.properties right")
        }
        return TopicFacts(name: topic, placement: .failure(error), settings: .failure(error))
            .refused(error, "Read", "cannot be read")
    }

    /// Whether it is known to exist.
    var isThere: Bool {
        if case .success(.some) = placement { true } else { false }
    }

    private func refused(_ error: KafkaError, _ operation: String, _ what: String) -> Finding {
        if let right = MissingRight(error, operation, on: .topic(name)) {
            return .problem(.topics, .configuration, "\(name) \(what): \(right.text)", remedy: right.remedy)
        }
        return .problem(
            .topics,
            .failed,
            "\(name) \(what): \(error.name): \(error.message)",
            remedy: "see that every broker that the cluster names can be reached from here"
        )
    }

    /// Settings that the broker does not tell are no problem: the worker does without.
    private func unasked(_ error: KafkaError, _ setting: String) -> Finding {
        if let right = MissingRight(error, "DescribeConfigs", on: .topic(name)) {
            return .warning(.topics, "\(name): \(setting) is not known: \(right.text)", remedy: right.remedy)
        }
        return .warning(
            .topics,
            "\(name): \(setting) is not known: \(error.name): \(error.message)",
            remedy: "look it up with kafka-configs.sh --describe"
        )
    }

    private func unanswered(_ setting: String) -> Finding {
        .warning(
            .topics,
            "\(name): the broker does not tell \(setting)",
            remedy: "look it up with kafka-configs.sh --describe"
        )
    }
}
