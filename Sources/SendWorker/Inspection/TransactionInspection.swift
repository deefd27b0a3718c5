import KafkaClient

/// Whether transactions can be used: an id is registered and given up again; no transaction is begun.
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

    func findings() async -> [Finding] {
        guard configuration.delivery.guarantee == .exactlyOnce else {
            return [.ok(.transactions, "not used, as delivery.guarantee=at_least_once says")]
        }
        do {
            let producer = try KafkaProducer(configuration: kafka, transactionalID: transactionalID)
            let start = ContinuousClock.now
            let result = await kafkaResult { try await producer.initTransactions(timeout: .seconds(5)) }
            let taken = start.duration(to: .now).inMilliseconds
            _ = await TimeLimit.run(Self.closeLimit) { await producer.close(timeout: Self.closeLimit) }
            return [finding(result, after: taken)]
        } catch {
            return [.problem(.transactions, .configuration, "\(error)", remedy: "put kafka.properties right")]
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
