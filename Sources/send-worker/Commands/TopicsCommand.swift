import CommandLineParser
import KafkaClient
import SendWorker

/// `send-worker topics`: the topics that the worker needs.
enum TopicsCommand {
    static let declaration = CommandDeclaration(
        "topics",
        summary: "Create the topics that the worker needs.",
        subcommands: [Create.declaration]
    )
}

extension TopicsCommand {
    /// `send-worker topics create`.
    struct Create: Command {
        private static let partitions = Option(
            "--partitions",
            default: 12,
            help: "Partitions of each topic. The requests topic's number bounds how many replicas can share the work."
        )
        private static let replicationFactor = Option<Int?>(
            "--replication-factor",
            help: "Copies of each partition; the broker's default where it is not given."
        )

        static let declaration = CommandDeclaration(
            "create",
            summary:
                "Create the requests, results, dead-letter and state topics; those that exist are left as they are.",
            parameters: [ConfigurationOptions.group, partitions, replicationFactor],
            command: Create.init
        )

        private let options: ConfigurationOptions
        private let partitions: Int
        private let replicationFactor: Int?

        init(_ values: ParsedValues) throws {
            options = ConfigurationOptions(values)
            partitions = values[Self.partitions]
            replicationFactor = values[Self.replicationFactor]
            guard (1...10_000).contains(partitions) else {
                throw UsageError("--partitions \(partitions) is not possible; write a number from 1 to 10000")
            }
            if let replicationFactor, !(1...100).contains(replicationFactor) {
                throw UsageError("--replication-factor \(replicationFactor) is not possible; write 1 to 100")
            }
        }

        func run() async throws {
            let configuration = try options.load().configuration
            let admin = try KafkaAdmin(configuration: options.kafka(configuration))
            let outcome: [String: KafkaAdmin.TopicCreation]
            do {
                outcome = try await admin.createTopics(specifications(configuration.topics))
            } catch {
                await admin.close()
                throw WorkerFailure(
                    .failed,
                    "topics cannot be created on \(configuration.kafka.bootstrapServers): \(error)"
                )
            }
            await admin.close()
            try report(outcome, topics: configuration.topics)
        }

        private func specifications(_ topics: WorkerConfiguration.Topics) -> [TopicSpecification] {
            let plain = [topics.requests, topics.results, topics.deadLetters].map {
                TopicSpecification(name: $0, partitions: partitions, replicationFactor: replicationFactor)
            }
            let state = TopicSpecification(
                name: topics.state,
                partitions: partitions,
                replicationFactor: replicationFactor,
                configuration: Self.stateSettings
            )
            return plain + [state]
        }

        /// A new owner reads its partitions' whole state before it starts, so the log is kept short: the segment that is
        /// written to is never compacted, and by default it is 1 GiB or a week long.
        private static let stateSettings = [
            "cleanup.policy": "compact", "segment.bytes": "16777216", "segment.ms": "3600000",
            "min.cleanable.dirty.ratio": "0.1",
        ]

        private func report(
            _ outcome: [String: KafkaAdmin.TopicCreation],
            topics: WorkerConfiguration.Topics
        ) throws {
            var failures = 0
            var lines: [String] = []
            for topic in [topics.requests, topics.results, topics.deadLetters, topics.state] {
                switch outcome[topic] {
                case .created: lines.append("created  \(topic) (\(partitions) partitions)")
                case .existed: lines.append("exists   \(topic)")
                case .failed(let error):
                    lines.append("failed   \(topic): \(error)")
                    failures += 1
                case nil:
                    lines.append("failed   \(topic): the broker did not answer for it")
                    failures += 1
                }
            }
            try Terminal.writeLines(lines)
            if failures > 0 { throw ExitStatus.failure }
        }
    }
}
