import KafkaClient
import SendWorker
import Telemetry

/// Asks the brokers about themselves, the topics, the group and transactions.
struct KafkaInspection: Sendable {
    /// The time that the first answer may take, and the answers to each kind of question after that.
    private static let contactLimit = Duration.seconds(4)
    static let lookupLimit = Duration.seconds(2)
    static let readLimit = Duration.seconds(2)
    static let answerLimit = Duration.milliseconds(2_500)
    /// The time that what comes first, and what comes last, may take as a whole.
    private static let firstStage = Duration.seconds(5)
    private static let lastStage = Duration.seconds(5)

    private let configuration: WorkerConfiguration
    private let kafka: KafkaConfiguration
    private let complaints = KafkaComplaints()

    init(_ configuration: WorkerConfiguration) {
        self.configuration = configuration
        var kafka = KafkaConfiguration(
            worker: configuration,
            logger: Logger.disabled,
            repetitions: RepetitionLimiter(interval: .seconds(30))
        )
        kafka.onLog = { [complaints] in complaints.take($0) }
        self.kafka = kafka
    }

    func findings() async -> [Finding] {
        let admin: KafkaAdmin
        do {
            if let refusal = await refusalOfClients() { throw refusal }
            admin = try KafkaAdmin(configuration: kafka)
        } catch {
            return [.problem(.kafka, .configuration, "\(error)", remedy: "put the kafka.* keys right")]
        }
        let findings = await findings(with: admin)
        // Nobody has to wait for that.
        Task { await admin.close() }
        return findings
    }

    /// Made beforehand, so that a mistake is found whatever is looked at later.
    private func refusalOfClients() async -> (any Error)? {
        let ids = ReplicaNames(groupID: configuration.kafka.groupId, instanceID: configuration.kafka.instanceId)
        return kafka.refusalOfClients(
            groupID: configuration.kafka.groupId,
            instanceID: configuration.kafka.instanceId,
            transactionalID: configuration.delivery.guarantee == .exactlyOnce ? ids.own : nil
        )
    }

    private func findings(with admin: KafkaAdmin) async -> [Finding] {
        let start = ContinuousClock.now
        let brokers: [KafkaBroker]
        do {
            brokers = try await admin.brokers(timeout: Self.contactLimit)
        } catch {
            return [noContact(error)]
        }
        let taken = start.duration(to: .now).inMilliseconds
        let contact = contact(brokers, after: taken)
        let advertised = await AdvertisedBrokers.probed(brokers, bootstrapServers: configuration.kafka.bootstrapServers)
        // All else would wait for them until its time is over.
        if advertised.areAllUnreachable { return [contact] + advertised.findings }
        let topics = TopicInspection(configuration: configuration, kafka: kafka, brokers: brokers.count)
        let group = GroupInspection(configuration: configuration, kafka: kafka)
        let ledgers = LedgerInspection(configuration: configuration, kafka: kafka)
        let transactions = TransactionInspection(configuration: configuration, kafka: kafka)
        let facts = await topics.placements(with: admin)
        let areThere = facts.count(where: \.isThere) == TopicInspection.count
        async let ofTransactions = staged(.transactions, Self.firstStage + Self.lastStage) {
            await transactions.findings(writes: areThere)
        }
        let ofTopics = await staged(.topics, Self.firstStage) { await topics.findings(of: facts, admin) }
        async let ofSettings = staged(.topics, Self.lastStage) { await topics.settingsFindings(facts, admin) }
        async let ofGroup = staged(.group, Self.lastStage) { await group.findings(with: admin) }
        async let ofLedgers = staged(.group, Self.lastStage) { await ledgers.findings(with: admin) }
        return await [contact] + advertised.findings + ofTopics + ofSettings + ofGroup + ofLedgers + ofTransactions
    }

    private func contact(_ brokers: [KafkaBroker], after milliseconds: Int64) -> Finding {
        let named = brokers.prefix(5).map(\.description).joined(separator: ", ") + (brokers.count > 5 ? ", …" : "")
        let count = "\(brokers.count) broker\(brokers.count == 1 ? "" : "s")"
        return .ok(
            .kafka,
            "\(configuration.kafka.bootstrapServers) answered after \(milliseconds) ms; the cluster has \(count) (\(named))"
        )
    }

    private func noContact(_ error: any Error) -> Finding {
        let reason = complaints.last ?? (error as? KafkaError)?.message ?? "\(error)"
        let hint = ConnectionHint.remedy(for: reason, securityProtocol: configuration.kafka.securityProtocol)
        return .problem(
            .kafka,
            .failed,
            "no broker at \(configuration.kafka.bootstrapServers) answers: \(reason)",
            remedy: hint
                ?? "start it, or correct kafka.bootstrapServers or kafka.properties (security.protocol, sasl.*, ssl.*)"
        )
    }

    private func staged(
        _ area: Finding.Area,
        _ limit: Duration,
        _ body: @escaping @Sendable () async -> [Finding]
    ) async -> [Finding] {
        await TimeLimit.run(limit, body)
            ?? [
                .problem(
                    area,
                    .failed,
                    "no answer within \(DurationText.show(limit))"
                        + (complaints.last.map { ": \($0)" } ?? ""),
                    remedy: "see that every broker that the cluster names can be reached from here"
                )
            ]
    }
}

extension AdvertisedBrokers {
    /// The check's findings about them; none where every broker can be reached.
    var findings: [Finding] {
        guard let problem else { return [] }
        return areAllUnreachable
            ? [.problem(.kafka, .failed, problem, remedy: remedy)] : [.warning(.kafka, problem, remedy: remedy)]
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
