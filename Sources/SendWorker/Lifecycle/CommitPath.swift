import KafkaClient
import Logging

/// The committer that the configured guarantee asks for, with what has to be done before and after its work.
struct CommitPath: Sendable {
    let committer: any Committer
    /// Makes sure, before any request is read, that commits are possible.
    let prepare: @Sendable () async throws -> Void
    let close: @Sendable () async -> Void
}

/// What a commit path is made from.
struct CommitPathInputs: Sendable {
    var configuration: WorkerConfiguration
    var kafka: KafkaConfiguration
    var consumer: KafkaConsumer
    var records: TerminalRecords
    var stateTopic: StateTopic
    var stateReader: StateReader
    var logger: Logger
    var repetitions: RepetitionLimiter
}

extension CommitPath {
    init(_ inputs: CommitPathInputs) throws {
        switch inputs.configuration.delivery.guarantee {
        case .atLeastOnce: self = try .atLeastOnce(inputs)
        case .exactlyOnce: self = .exactlyOnce(inputs)
        }
    }

    private static func atLeastOnce(_ inputs: CommitPathInputs) throws -> CommitPath {
        let producer = try KafkaProducer(configuration: inputs.kafka)
        let consumer = inputs.consumer
        let committer = AtLeastOnceCommitter(
            records: inputs.records,
            stateTopic: inputs.stateTopic,
            publish: { await producer.publish($0) },
            commitOffsets: { try await consumer.commit($0) },
            logger: inputs.logger,
            repetitions: inputs.repetitions
        )
        return CommitPath(committer: committer, prepare: {}, close: { await producer.close(timeout: .seconds(10)) })
    }

    private static func exactlyOnce(_ inputs: CommitPathInputs) -> CommitPath {
        let consumer = inputs.consumer
        let reader = inputs.stateReader
        let kafka = inputs.kafka
        let group = inputs.configuration.kafka
        let replica = group.instanceId ?? String(UInt64.random(in: .min ... .max), radix: 36)
        let transactionalID = "\(group.groupId)-\(replica)"
        let committer = TransactionalCommitter(
            ports: TransactionalCommitter.Ports(
                makeProducer: { try KafkaProducer(configuration: kafka, transactionalID: transactionalID) },
                groupMetadata: { try await consumer.groupMetadata() },
                lastMarker: { try await reader.lastMarker(of: $0) }
            ),
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
                    "Kafka does not start transactions yet, trying again",
                    level: .warning,
                    to: logger,
                    metadata: ["reason": "\(error)"]
                )
                try await Task.sleep(for: .seconds(1))
            } catch let error as KafkaError {
                throw WorkerFailure(
                    .configuration,
                    "the Kafka brokers do not let this worker use transactions: \(error). Grant it the transactional id, or "
                        + "set delivery.guarantee=at_least_once for brokers without transactions"
                )
            }
        }
    }
}
