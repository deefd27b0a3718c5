import KafkaClient
import Reactor
import Telemetry

/// Makes sure, before anything else is asked, that a broker answers and that the addresses which the cluster gives for
/// its brokers can be reached from here.
struct BrokerCheck: Sendable {
    /// How long a question may take while the worker starts: what is wrong is told within 5 s.
    static let answerLimit = Duration.seconds(3)

    let bootstrapServers: String
    let securityProtocol: String
    /// What the admin client's connections meet.
    let complaints: KafkaComplaints
    let logger: Logger
    let repetitions: RepetitionLimiter

    /// Waits until a broker answers and at least one of those that it names can be reached.
    ///
    /// - Throws: `CancellationError` where the worker is told to stop meanwhile, `KafkaError` for what is fatal.
    func run(with admin: KafkaAdmin, on reactor: Reactor) async throws {
        while true {
            do {
                let brokers = try await admin.brokers(timeout: Self.answerLimit)
                let advertised = await AdvertisedBrokers(
                    probing: brokers,
                    bootstrapServers: bootstrapServers,
                    on: reactor
                )
                report(advertised)
                if !advertised.areAllUnreachable { return }
            } catch let error as KafkaError where !error.isFatal {
                report(error)
            }
            try await Task.sleep(for: .seconds(1))
        }
    }

    private func report(_ advertised: AdvertisedBrokers) {
        guard let problem = advertised.problem else { return }
        repetitions.log(
            "\(problem); \(advertised.remedy)",
            key: "advertised brokers \(advertised.areAllUnreachable)",
            level: advertised.areAllUnreachable ? .error : .warning,
            to: logger
        )
    }

    private func report(_ error: KafkaError) {
        let reason = complaints.last ?? "\(error)"
        complaints.forget()
        repetitions.log(
            "Kafka cannot be asked for its brokers, trying again",
            key: "no broker answers",
            level: .warning,
            to: logger,
            metadata: [
                "kafka": "\(bootstrapServers)",
                "reason": "\(reason)",
                "what_to_do": "\(remedy(for: reason))",
            ]
        )
    }

    private func remedy(for reason: String) -> String {
        ConnectionHint.remedy(for: reason, securityProtocol: securityProtocol)
            ?? "check kafka.bootstrapServers and kafka.properties if this goes on"
    }
}
