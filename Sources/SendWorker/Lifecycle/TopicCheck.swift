package import KafkaClient
package import Telemetry

/// Makes sure, before any request is read, that the topics are there and fit together.
package struct TopicCheck: Sendable {
    private static let partitionsInterval = Duration.seconds(15)

    private let topics: WorkerConfiguration.Topics
    /// `worker.maxOutstandingPerPartition`.
    private let outstanding: Int
    private let logger: Logger
    private let repetitions: RepetitionLimiter

    /// - Parameter outstanding: How many unfinished requests a partition's ledger may name.
    package init(
        topics: WorkerConfiguration.Topics,
        outstanding: Int,
        logger: Logger,
        repetitions: RepetitionLimiter
    ) {
        self.topics = topics
        self.outstanding = outstanding
        self.logger = logger
        self.repetitions = repetitions
    }

    private var names: [String] { [topics.requests, topics.results, topics.deadLetters, topics.state] }

    /// Waits until a broker answers, then checks.
    ///
    /// - Throws: `WorkerFailure` of kind `configuration` for topics that are missing, do not fit or may not be looked at,
    ///   and `CancellationError` where the worker is told to stop meanwhile.
    package func run(with admin: KafkaAdmin) async throws {
        var counts: [String: Int?] = [:]
        for name in names { counts[name] = try await partitionCount(of: name, with: admin) }
        try check(counts)
        try check(limits: await admin.batchLimits(of: names.filter { $0 != topics.requests }))
    }

    private func partitionCount(of name: String, with admin: KafkaAdmin) async throws -> Int?? {
        while true {
            do {
                return try await admin.partitionCounts([name], timeout: BrokerCheck.answerLimit)[name]
            } catch let error as KafkaError where !error.isFatal {
                if let right = MissingRight(error, "Describe", on: .topic(name)) {
                    throw WorkerFailure(.configuration, "\(name) cannot be used: \(right.text): \(right.remedy)")
                }
                repetitions.log(
                    "Kafka cannot be asked for its topics, trying again; check kafka.bootstrapServers if this goes on",
                    level: .warning,
                    to: logger,
                    metadata: ["reason": "\(error)"]
                )
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// Throws where a topic is missing or the state topic does not match the requests topic.
    package func check(_ counts: [String: Int?]) throws(WorkerFailure) {
        let missing = names.filter { (counts[$0] ?? nil) == nil }
        guard missing.isEmpty else {
            throw WorkerFailure(
                .configuration,
                "missing topics: \(missing.joined(separator: ", ")); create them with: send-worker topics create"
            )
        }
        guard let requests = counts[topics.requests] ?? nil, let state = counts[topics.state] ?? nil else { return }
        guard requests == state else {
            throw WorkerFailure(
                .configuration,
                "\(topics.state) has \(state) partitions and \(topics.requests) has \(requests); they must be as many: "
                    + StateTopic.remedy(topics.state, partitions: state, requests: requests)
            )
        }
    }

    /// Throws where a topic takes so little that not even what stands for a record fits into it, and says where the state
    /// topic may come to be too small.
    ///
    /// - Parameter limits: The largest batch that each topic takes, as far as it is known.
    package func check(limits: [String: Int]) throws(WorkerFailure) {
        for (name, limit) in limits.sorted(by: { $0.key < $1.key }) where limit < BatchLimits.least {
            throw WorkerFailure(
                .configuration,
                "\(name) takes batches of \(limit) bytes, and the smallest result and dead letter need "
                    + "\(BatchLimits.least): \(TopicFacts.takeMore(name))"
            )
        }
        let largest = StateTopic.largestLedger(outstanding: outstanding)
        guard let limit = limits[topics.state], limit < largest else { return }
        logger.warning(
            """
            the state topic takes less than a ledger may need: with many unfinished requests a partition could not be \
            committed any more. \(TopicFacts.takeMore(topics.state)), or lower worker.maxOutstandingPerPartition
            """,
            metadata: ["topic": "\(topics.state)", "bytes": "\(limit)", "largest_ledger": "\(largest)"]
        )
    }

    /// Tells how many partitions the requests topic has, now and again, until the task is cancelled: some may be added.
    func watchPartitions(with admin: KafkaAdmin, _ tell: @Sendable (Int) -> Void) async throws {
        while true {
            // What keeps the brokers from answering is said by those who depend on the answer.
            if let count = try? await admin.partitionCounts([topics.requests])[topics.requests] ?? nil { tell(count) }
            try await Task.sleep(for: Self.partitionsInterval)
        }
    }

    /// Says so where the state topic is not compacted, where another one is, or where the broker cannot be asked. None of
    /// it stops the work, so this is asked beside it.
    package func warnOfCleanupPolicies(with admin: KafkaAdmin) async {
        for name in names {
            do {
                guard let policy = try await admin.topicConfiguration(name)["cleanup.policy"] else { continue }
                report(policy, of: name)
            } catch {
                logger.warning(
                    "the broker cannot be asked whether topics are compacted",
                    metadata: ["topic": "\(name)", "reason": "\(error)"]
                )
                return
            }
        }
    }

    private func report(_ policy: String, of name: String) {
        let isCompacted = policy.contains("compact")
        guard isCompacted != (name == topics.state) else { return }
        let metadata: Logger.Metadata = ["topic": "\(name)", "cleanup.policy": "\(policy)"]
        if isCompacted {
            logger.error(
                "a topic is compacted that must not be: \(TopicFacts.whatCompactionDoes); \(TopicFacts.keepAll(name))",
                metadata: metadata
            )
        } else {
            logger.warning(
                "the state topic is not compacted and will grow; set cleanup.policy=compact on it",
                metadata: metadata
            )
        }
    }
}
