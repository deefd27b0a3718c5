import HTTP
import KafkaClient
import Synchronization
import Testing

@testable import SendWorker

/// Whole workers, one after the other, on an embedded broker and before an endpoint that answers as it is told.
@Suite(.timeLimit(.minutes(2)))
struct WorkerLivesTests {
    private static let limited = "17841400000000001"
    private static let blocked = "17841400000000002"

    private func configuration(_ broker: EmbeddedBroker, endpoint: String) throws -> WorkerConfiguration {
        var configuration = WorkerConfiguration()
        let topics = configuration.topics
        for topic in [topics.requests, topics.results, topics.deadLetters, topics.state] {
            try broker.createTopic(topic, partitions: 2)
        }
        configuration.kafka.bootstrapServers = broker.bootstrapServers
        // The embedded broker keeps no offsets of a transaction.
        configuration.delivery.guarantee = .atLeastOnce
        configuration.graph.baseURL = endpoint
        configuration.limits.privateRepliesPerHour = 2
        // Longer than a hold, so that what met it waits for its end.
        configuration.retry.maxElapsed = .seconds(86_400)
        configuration.admin.port = 0
        return configuration
    }

    private func publish(_ configuration: WorkerConfiguration) async throws {
        let replies = (0..<3).map { number in
            (
                Self.limited,
                """
                {"request_id":"reply-\(number)","account_id":"\(Self.limited)","recipient":{"comment_id":"17\(number)"},
                "message":{"text":"thank you"}}
                """
            )
        }
        let text = """
            {"request_id":"text","account_id":"\(Self.blocked)","recipient":{"id":"5"},"message":{"text":"hello"}}
            """
        let producer = try KafkaProducer(
            configuration: KafkaConfiguration(bootstrapServers: configuration.kafka.bootstrapServers)
        )
        let records = (replies + [(Self.blocked, text)]).map { account, value in
            ProducerRecord(topic: configuration.topics.requests, key: Array(account.utf8), value: Array(value.utf8))
        }
        for answer in await producer.publish(records) { _ = try answer.get() }
        await producer.close(timeout: .seconds(10))
    }

    /// Runs a worker for as long as the body does, and lets it end in order.
    private func live(
        _ configuration: WorkerConfiguration,
        _ recorder: LogRecorder,
        _ body: @escaping @Sendable (Worker) async throws -> Void
    ) async throws {
        let worker = Worker(
            configuration: configuration,
            tokens: FixedTokens([:], everyone: "token"),
            logger: recorder.logger()
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await worker.run() }
            tasks.addTask {
                defer { worker.requestStop() }
                try await body(worker)
            }
            try await tasks.waitForAll()
        }
    }

    /// Waits until the account's page holds all of these texts.
    private static func waitForPage(of account: String, on worker: Worker, _ texts: [String]) async throws {
        while true {
            if let port = worker.adminPort {
                let url = "http://127.0.0.1:\(port)/api/accounts/\(account)"
                let page = String(decoding: try await TestReactor.get(url).body, as: UTF8.self)
                if texts.allSatisfy(page.contains) { return }
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test func theNextWorkerKnowsOfUsageAndHolds() async throws {
        let broker = try EmbeddedBroker()
        let script = RawServer.Script { request in
            if request.target.contains(Self.blocked) {
                return .answer(
                    httpAnswer("400 Bad Request", body: #"{"error":{"message":"blocked","type":"O","code":368}}"#)
                )
            }
            return .answer(TransportFixture.delivered)
        }
        try await RawServer.with(script) { endpoint in
            let configuration = try configuration(broker, endpoint: endpoint.url)
            let limit = [#""state":"limited""#, #""binding_limit":"limits.privateRepliesPerHour""#, #""waiting":1"#]
            let hold = [#""state":"held""#, #""cause_category":"policy""#, #""waiting":1"#]
            try await publish(configuration)
            let logs = [LogRecorder(), LogRecorder()]
            for (life, recorder) in logs.enumerated() {
                try await live(configuration, recorder) { worker in
                    try await Self.waitForPage(of: Self.limited, on: worker, limit)
                    try await Self.waitForPage(of: Self.blocked, on: worker, hold)
                }
                #expect(endpoint.requests.count { $0.target.contains(Self.limited) } == 2, "after life \(life)")
                #expect(endpoint.requests.count { $0.target.contains(Self.blocked) } == 1, "after life \(life)")
                #expect(recorder.count(of: "hangs") == 0, "\(recorder.lines)")
            }
            #expect(logs[0].count(of: "accounts=2") == 0)
            #expect(logs[1].lines.contains { $0.contains("state restored") && $0.contains("accounts=2") })
        }
    }
}
