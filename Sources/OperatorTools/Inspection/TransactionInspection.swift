import KafkaClient
import SendWorker

/// Whether transactions can be used, and all be written that a worker writes: an id is registered, and one transaction
/// begun that touches each topic and is aborted, so that nobody ever reads anything of it.
struct TransactionInspection: Sendable {
    private static let closeLimit = Duration.seconds(1)

    private let configuration: WorkerConfiguration
    private let kafka: KafkaConfiguration
    /// Begins like the replicas' ids, so that it needs the same right, and is none of theirs, which it would fence.
    private let transactionalID: String

    init(configuration: WorkerConfiguration, kafka: KafkaConfiguration) {
        self.configuration = configuration
        self.kafka = kafka
        let random = String(UInt64.random(in: .min ... .max), radix: 36)
        transactionalID = "\(configuration.kafka.groupId)-check-\(random)"
    }

    /// - Parameter writes: Whether the topics are there, so that writing can be tried.
    func findings(writes: Bool) async -> [Finding] {
        guard configuration.delivery.guarantee == .exactlyOnce else {
            return [.ok(.transactions, "not used, as delivery.guarantee=at_least_once says")]
        }
        do {
            let producer = try KafkaProducer(configuration: kafka, transactionalID: transactionalID)
            let start = ContinuousClock.now
            let result = await kafkaResult { try await producer.initTransactions(timeout: .seconds(5)) }
            let taken = start.duration(to: .now).inMilliseconds
            var written: [Finding] = []
            if writes, case .success = result { written = await findings(writingWith: producer) }
            _ = await TimeLimit.run(Self.closeLimit) { await producer.close(timeout: Self.closeLimit) }
            return [finding(result, after: taken)] + written
        } catch {
            return [.problem(.transactions, .configuration, "\(error)", remedy: "put kafka.properties right")]
        }
    }

    private func findings(writingWith producer: KafkaProducer) async -> [Finding] {
        let names = CommitNames(configuration)
        let probe = WriteProbe(
            producer: producer,
            names: names,
            stateTopic: StateTopic(name: names.state),
            writer: transactionalID,
            // The group is asked by itself, so that a worker which commits at this moment is not disturbed.
            offset: nil
        )
        let topics = names.written.joined(separator: ", ")
        do {
            guard let right = try await probe.run(timeout: KafkaInspection.answerLimit) else {
                return [.ok(.transactions, "\(topics) can be written")]
            }
            return [
                .problem(
                    .transactions,
                    .configuration,
                    "outcomes cannot be committed: \(right.text)",
                    remedy: right.remedy
                )
            ]
        } catch {
            return [
                .warning(
                    .transactions,
                    "whether \(topics) can be written is not known: \(error)",
                    remedy: "see that every broker that the cluster names can be reached from here"
                )
            ]
        }
    }

    func finding(_ result: Result<Void, KafkaError>, after milliseconds: Int64) -> Finding {
        guard case .failure(let error) = result else {
            return .ok(
                .transactions,
                "the brokers registered the transactional id \(transactionalID) in \(milliseconds) ms"
            )
        }
        let prefix = "\(configuration.kafka.groupId)-"
        if let right = MissingRight(error, "Write", on: .transactionalIDs(prefix: prefix)) {
            return .problem(
                .transactions,
                .configuration,
                "delivery.guarantee=exactly_once cannot be used: \(right.text)",
                remedy: right.remedy
            )
        }
        let isAway = error.isTimeout || error.isRetriable
        return .problem(
            .transactions,
            isAway ? .failed : .configuration,
            "delivery.guarantee=exactly_once cannot be used: \(error.name): \(error.message)",
            remedy: isAway
                ? "see that the transaction coordinator is up (transaction.state.log.replication.factor, …min.isr); for"
                    + " brokers without transactions set delivery.guarantee=at_least_once"
                : "set delivery.guarantee=at_least_once for brokers without transactions"
        )
    }
}
