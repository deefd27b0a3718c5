import KafkaClient
import Telemetry

/// The committer that the configured guarantee asks for, with what has to be done before and after its work.
struct CommitPath: Sendable {
    let committer: any Committer
    /// Makes sure, before any request is read, that commits are possible.
    let prepare: @Sendable () async throws -> Void
    /// Frees what it uses; false where that hangs.
    let close: @Sendable () async -> Bool
}

/// What a commit path is made from.
struct CommitPathInputs: Sendable {
    var configuration: WorkerConfiguration
    var kafka: KafkaConfiguration
    var replicas: ReplicaNames
    var consumer: KafkaConsumer
    var records: TerminalRecords
    var stateTopic: StateTopic
    var stateReader: StateReader
    var metrics: WorkerMetrics
    var logger: Logger
    var repetitions: RepetitionLimiter
}

extension CommitPathInputs {
    /// Takes what a producer tells by itself: its statistics are shown; its failures come with the calls that fail.
    fileprivate var showStatistics: @Sendable (ProducerEvent) -> Void {
        let (metrics, topic) = (metrics, configuration.topics.requests)
        return { event in
            guard case .statistics(let json) = event else { return }
            metrics.show(statistics: json, of: .producer, topic: topic)
        }
    }
}

extension CommitPath {
    init(_ inputs: CommitPathInputs) throws {
        switch inputs.configuration.delivery.guarantee {
        case .atLeastOnce: self = try .atLeastOnce(inputs)
        case .exactlyOnce: self = .exactlyOnce(inputs)
        }
    }

    private static func atLeastOnce(_ inputs: CommitPathInputs) throws -> CommitPath {
        let producer = try KafkaProducer(configuration: inputs.kafka, onEvent: inputs.showStatistics)
        let consumer = inputs.consumer
        let committer = AtLeastOnceCommitter(
            records: inputs.records,
            stateTopic: inputs.stateTopic,
            publish: { await producer.publish($0) },
            commitOffsets: { try await consumer.commit($0) },
            stillHeld: { (try? await consumer.held($0)) ?? [] },
            logger: inputs.logger,
            repetitions: inputs.repetitions
        )
        return CommitPath(committer: committer, prepare: {}, close: { await producer.close(timeout: .seconds(10)) })
    }

    private static func exactlyOnce(_ inputs: CommitPathInputs) -> CommitPath {
        let consumer = inputs.consumer
        let reader = inputs.stateReader
        let kafka = inputs.kafka
        let transactionalID = inputs.replicas.own
        let showStatistics = inputs.showStatistics
        let metrics = inputs.metrics
        let committer = TransactionalCommitter(
            ports: TransactionalCommitter.Ports(
                makeProducer: {
                    try KafkaProducer(
                        configuration: kafka,
                        transactionalID: transactionalID,
                        onEvent: showStatistics
                    )
                },
                groupMetadata: { try await consumer.groupMetadata(holding: $0) },
                lastMarker: { try await reader.lastMarker(of: $0) },
                ended: { metrics.transactionEnded($0) }
            ),
            transactionalID: transactionalID,
            transactionTimeout: kafka.transactionTimeout,
            records: inputs.records,
            stateTopic: inputs.stateTopic,
            logger: inputs.logger,
            repetitions: inputs.repetitions
        )
        let (logger, repetitions) = (inputs.logger, inputs.repetitions)
        return CommitPath(
            committer: committer,
            prepare: { try await prepare(committer, logger: logger, repetitions: repetitions) },
            close: { await committer.close() }
        )
    }

    /// Waits until the brokers know the transactional id.
    private static func prepare(
        _ committer: TransactionalCommitter,
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
                throw refusal(error)
            }
        }
    }

    /// What to tell whoever started a worker whose brokers will not let it use transactions.
    static func refusal(_ error: KafkaError) -> WorkerFailure {
        WorkerFailure(
            .configuration,
            "delivery.guarantee is exactly_once, and the Kafka brokers do not let this worker use transactions: \(error). "
                + "Grant it the transactional id, or set delivery.guarantee=at_least_once for brokers without transactions"
        )
    }
}
