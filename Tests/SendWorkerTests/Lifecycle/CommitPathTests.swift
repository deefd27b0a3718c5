import KafkaClient
import Testing

@testable import SendWorker

@Suite(.timeLimit(.minutes(1)))
struct CommitPathTests {
    private let recorder = LogRecorder()

    private func worker(_ broker: EmbeddedBroker, _ properties: [String: String] = [:]) throws -> Worker {
        var configuration = WorkerConfiguration()
        for topic in [
            configuration.topics.requests, configuration.topics.results, configuration.topics.deadLetters,
            configuration.topics.state,
        ] {
            try broker.createTopic(topic, partitions: 1)
        }
        configuration.kafka.bootstrapServers = broker.bootstrapServers
        configuration.kafka.properties = properties.mapValues { SecretText($0) }
        configuration.admin.port = 0
        return Worker(configuration: configuration, tokens: FixedTokens([:]), logger: recorder.logger())
    }

    @Test func brokersThatRefuseTransactionsStopTheStartAndNameTheSetting() async throws {
        let broker = try EmbeddedBroker()
        let worker = try worker(broker)
        // 53: not allowed to use the transactional id.
        broker.pushErrors(.initProducerID, Array(repeating: 53, count: 20))
        let failure = await #expect(throws: WorkerFailure.self) { try await worker.run() }
        #expect(failure?.kind == .configuration)
        #expect(failure?.description.contains("delivery.guarantee") == true, "\(String(describing: failure))")
        #expect(failure?.description.contains("at_least_once") == true)
    }

    @Test func whileTransactionsDoNotStartTheLogNamesTheSettingAndTheWorkerCanBeStopped() async throws {
        let broker = try EmbeddedBroker()
        let worker = try worker(broker)
        // 35: the broker does not know the request. librdkafka asks on and on.
        broker.pushErrors(.initProducerID, Array(repeating: 35, count: 10_000))
        let running = Task { try await worker.run() }
        while recorder.count(of: "set delivery.guarantee=at_least_once") == 0 {
            try await Task.sleep(for: .milliseconds(20))
        }
        worker.requestStop()
        try await running.value
        #expect(recorder.count(of: "hangs") == 0)
    }
}
