package import KafkaClient
package import Telemetry

/// Makes sure, before any request is read, that the topics are there and fit together.
package struct TopicCheck: Sendable {
    private let topics: WorkerConfiguration.Topics
    private let logger: Logger
    private let repetitions: RepetitionLimiter

    package init(topics: WorkerConfiguration.Topics, logger: Logger, repetitions: RepetitionLimiter) {
        self.topics = topics
        self.logger = logger
        self.repetitions = repetitions
    }

    private var names: [String] { [topics.requests, topics.results, topics.deadLetters, topics.state] }

    /// Waits until a broker answers, then checks.
    ///
    /// - Throws: `WorkerFailure` of kind `configuration` for topics that are missing or do not fit, and
    ///   `CancellationError` where the worker is told to stop meanwhile.
    package func run(with admin: KafkaAdmin) async throws {
        let counts = try await partitionCounts(with: admin)
        try check(counts)
    }

    private func partitionCounts(with admin: KafkaAdmin) async throws -> [String: Int?] {
        while true {
            do {
                return try await admin.partitionCounts(names)
            } catch let error as KafkaError where !error.isFatal {
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

    /// Says so where the state topic is not compacted, or where the broker cannot be asked. Neither stops the work, so this
    /// is asked beside it.
    package func warnUnlessCompacted(with admin: KafkaAdmin) async {
        do {
            let policy = try await admin.topicConfiguration(topics.state)["cleanup.policy"]
            guard let policy, !policy.contains("compact") else { return }
            logger.warning(
                "the state topic is not compacted and will grow; set cleanup.policy=compact on it",
                metadata: ["topic": "\(topics.state)", "cleanup.policy": "\(policy)"]
            )
        } catch {
            logger.warning(
                "the broker cannot be asked whether the state topic is compacted",
                metadata: ["topic": "\(topics.state)", "reason": "\(error)"]
            )
        }
    }
}
