import KafkaClient
import SendEngine
import Telemetry

/// The committer that the configured guarantee asks for, with what has to be done before and after its work.
struct CommitPath: Sendable {
    let committer: any Committer
    /// Whether `prepare` finds out too whether the group takes offsets.
    let triesGroup: Bool
    /// Makes sure, before any request is read, that commits are possible.
    let prepare: @Sendable () async throws -> Void
    /// Frees what it uses; false where that hangs.
    let close: @Sendable () async -> Bool
}

/// The inputs that a commit path is made from.
struct CommitPathInputs: Sendable {
    var configuration: WorkerConfiguration
    var kafka: KafkaConfiguration
    var replicas: ReplicaNames
    var consumer: KafkaConsumer
    var clock: WorkerClock
    /// Told whenever the group is asked to take offsets.
    var groupQuestion: GroupQuestion
    var admin: KafkaAdmin
    var records: TerminalRecords
    var stateTopic: StateTopic
    var stateReader: StateReader
    var metrics: WorkerMetrics
    var logger: Logger
    var repetitions: RepetitionLimiter
}

extension CommitPathInputs {
    fileprivate var names: CommitNames { CommitNames(configuration) }

    /// The function that reads the limits of the topics.
    fileprivate var readLimits: @Sendable () async -> [String: Int] {
        let (admin, topics) = (admin, names.written)
        return { await admin.batchLimits(of: topics) }
    }

    /// The topics that a commit needs and that are not there; none where nobody can be asked.
    fileprivate var missingTopics: @Sendable () async -> [String] {
        let (admin, topics) = (admin, names.written)
        return {
            let counts = (try? await admin.partitionCounts(topics, timeout: .seconds(5))) ?? [:]
            return topics.filter { counts[$0] == .some(nil) }
        }
    }

    fileprivate var countSubstitute: @Sendable (String) -> Void {
        let (metrics, names) = (metrics, names)
        return { metrics.substituted($0 == names.results ? .results : .deadLetters) }
    }

    private func noteQuestion() { groupQuestion.note(at: clock.now.monotonic) }

    /// Offers offsets to the group, without a transaction.
    fileprivate var commitOffsets: @Sendable ([TopicPartition: Int64]) async throws -> Void {
        { offsets in
            noteQuestion()
            try await consumer.commit(offsets)
        }
    }

    /// The group's metadata for offsets that are offered with them at once.
    fileprivate var membership: @Sendable () async throws -> (ConsumerGroupMetadata, [Int32: UInt64]) {
        {
            let (metadata, assignments) = try await consumer.membership()
            noteQuestion()
            return (metadata, names.byNumber(assignments))
        }
    }

    /// Takes what a producer tells by itself: its statistics are shown; its failures come with the calls that fail.
    fileprivate var showStatistics: @Sendable (ProducerEvent) -> Void {
        let (metrics, topic) = (metrics, configuration.topics.requests)
        let (logger, repetitions) = (logger, repetitions)
        return { event in
            switch event {
            case .statistics(let json): metrics.show(statistics: json, of: .producer, topic: topic)
            case .throttled(let broker, let time):
                metrics.setThrottle(time)
                guard time > .zero else { return }
                repetitions.log(
                    """
                    a Kafka broker throttles this worker: commits take longer and hold less; raise the quota \
                    (producer_byte_rate, request_percentage) of its user or client id
                    """,
                    level: .warning,
                    to: logger,
                    metadata: ["broker": "\(broker)", "milliseconds": "\(time.inMilliseconds)"]
                )
            case .brokersDown, .brokersUp, .failure: break
            }
        }
    }
}

extension CommitPath {
    init(_ inputs: CommitPathInputs) {
        switch inputs.configuration.delivery.guarantee {
        case .atLeastOnce: self = .atLeastOnce(inputs)
        case .exactlyOnce: self = .exactlyOnce(inputs)
        }
    }

    private static func atLeastOnce(_ inputs: CommitPathInputs) -> CommitPath {
        let (kafka, consumer, showStatistics) = (inputs.kafka, inputs.consumer, inputs.showStatistics)
        let producer = ReplaceableProducer { batchSize in
            try KafkaProducer(configuration: kafka.limitingBatches(to: batchSize), onEvent: showStatistics)
        }
        let committer = AtLeastOnceCommitter(
            ports: AtLeastOnceCommitter.Ports(
                publish: { await producer.publish($0, batchSize: $1) },
                learnPartitions: { await producer.learnPartitions(of: $0) },
                commitOffsets: inputs.commitOffsets,
                assignments: { [names = inputs.names] in names.byNumber((try? await consumer.assignments()) ?? [:]) },
                readLimits: inputs.readLimits,
                missingTopics: inputs.missingTopics,
                substituted: inputs.countSubstitute
            ),
            largestMessage: kafka.largestMessage,
            names: inputs.names,
            records: inputs.records,
            stateTopic: inputs.stateTopic,
            logger: inputs.logger,
            repetitions: inputs.repetitions
        )
        return CommitPath(
            committer: committer,
            triesGroup: false,
            prepare: { await committer.prepare() },
            close: { await producer.close() }
        )
    }

    private static func exactlyOnce(_ inputs: CommitPathInputs) -> CommitPath {
        let consumer = inputs.consumer
        let reader = inputs.stateReader
        let kafka = inputs.kafka
        let transactionalID = inputs.replicas.own
        let showStatistics = inputs.showStatistics
        let metrics = inputs.metrics
        let first = TopicPartition(topic: inputs.configuration.topics.requests, partition: 0)
        let committer = TransactionalCommitter(
            ports: TransactionalCommitter.Ports(
                makeProducer: { id, batchSize in
                    try KafkaProducer(
                        configuration: kafka.limitingBatches(to: batchSize),
                        transactionalID: id,
                        onEvent: showStatistics
                    )
                },
                readLimits: inputs.readLimits,
                missingTopics: inputs.missingTopics,
                membership: inputs.membership,
                lastMarker: { try await reader.lastMarker(of: $0) },
                committedOffset: {
                    (try? await consumer.committedOffsets([first], timeout: .seconds(2)))?[first] ?? 0
                },
                ended: { metrics.transactionEnded($0) },
                substituted: inputs.countSubstitute
            ),
            transactionalID: transactionalID,
            transactionTimeout: kafka.transactionTimeout,
            largestMessage: kafka.largestMessage,
            names: inputs.names,
            records: inputs.records,
            stateTopic: inputs.stateTopic,
            logger: inputs.logger,
            repetitions: inputs.repetitions
        )
        let (logger, repetitions) = (inputs.logger, inputs.repetitions)
        let idPrefix = "\(inputs.configuration.kafka.groupId)-"
        return CommitPath(
            committer: committer,
            triesGroup: true,
            prepare: { try await prepare(committer, idPrefix: idPrefix, logger: logger, repetitions: repetitions) },
            close: { await committer.close() }
        )
    }

    /// Waits until the brokers know the transactional id.
    private static func prepare(
        _ committer: TransactionalCommitter,
        idPrefix: String,
        logger: Logger,
        repetitions: RepetitionLimiter
    ) async throws {
        while true {
            do {
                return try await committer.prepare()
            } catch let error as KafkaError where error.isRetriable || error.isTimeout {
                repetitions.log(
                    """
                    Kafka does not start transactions, trying again; delivery.guarantee=exactly_once needs brokers that have \
                    them, set delivery.guarantee=at_least_once for others
                    """,
                    level: .error,
                    to: logger,
                    metadata: ["reason": "\(error)"]
                )
                try await Task.sleep(for: .seconds(1))
            } catch let error as KafkaError {
                throw refusal(error, idPrefix: idPrefix)
            } catch let error as CommitError {
                throw WorkerFailure(.configuration, "the worker does not start: \(error)")
            }
        }
    }

    /// Returns what to tell whoever started a worker whose brokers will not let it use transactions.
    static func refusal(_ error: KafkaError, idPrefix: String) -> WorkerFailure {
        let remedy: String
        if let right = MissingRight(error, "Write", on: .transactionalIDs(prefix: idPrefix)) {
            remedy = "\(right.text): \(right.remedy); or set delivery.guarantee=at_least_once"
        } else if error.code == KafkaError.Code.invalidTransactionTimeout {
            remedy =
                "Set kafka.properties.transaction.timeout.ms to no more than the brokers' transaction.max.timeout.ms"
        } else {
            remedy = "Set delivery.guarantee=at_least_once for brokers without transactions"
        }
        return WorkerFailure(
            .configuration,
            "delivery.guarantee is exactly_once, and the Kafka brokers do not let this worker use transactions: \(error). "
                + remedy
        )
    }
}
