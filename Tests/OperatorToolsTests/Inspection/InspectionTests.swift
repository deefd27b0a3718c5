import KafkaClient
import Testing

@testable import OperatorTools
@testable import SendWorker

/// The whole look, on an embedded broker.
@Suite(.timeLimit(.minutes(2)))
struct InspectionTests {
    private func configuration(_ broker: EmbeddedBroker) throws -> WorkerConfiguration {
        var configuration = WorkerConfiguration()
        let topics = configuration.topics
        for topic in [topics.requests, topics.results, topics.deadLetters, topics.state] {
            try broker.createTopic(topic, partitions: 2)
        }
        configuration.kafka.bootstrapServers = broker.bootstrapServers
        return configuration
    }

    @Test func `a broker that has all four topics and transactions has no problem`() async throws {
        let broker = try EmbeddedBroker()
        let findings = try await KafkaInspection(configuration(broker)).findings()
        #expect(!findings.contains { $0.level == .problem }, "\(findings)")
        #expect(findings.contains { $0.area == .transactions && $0.level == .ok })
        #expect(findings.count { $0.text.hasSuffix("can be read") } == 2, "\(findings)")
        // It cannot be asked for the settings of a topic.
        #expect(findings.contains { $0.level == .warning && $0.text.contains("cleanup.policy is not known") })
    }

    @Test(arguments: [EmbeddedBroker.Request.initProducerID, .findCoordinator])
    func `no right to transactional ids is named with the prefix`(request: EmbeddedBroker.Request) async throws {
        let broker = try EmbeddedBroker()
        let configuration = try configuration(broker)
        let code = KafkaError.Code.transactionalIDAuthorization
        broker.pushErrors(request, Array(repeating: code, count: 20))
        let kafka = KafkaConfiguration(bootstrapServers: broker.bootstrapServers)
        let finding = await TransactionInspection(configuration: configuration, kafka: kafka).findings(writes: true)
            .first
        #expect(finding?.kind == .configuration, "\(String(describing: finding))")
        #expect(finding?.text.contains("the ACL that allows Write on transactional ids") == true)
        let option = "--resource-pattern-type prefixed --transactional-id instagram-send-worker-"
        #expect(finding?.remedy?.hasSuffix(option) == true)
    }

    @Test func `transactions are not asked for where they are not used`() async throws {
        var configuration = WorkerConfiguration()
        configuration.delivery.guarantee = .atLeastOnce
        let kafka = KafkaConfiguration(bootstrapServers: "127.0.0.1:9")
        let findings = await TransactionInspection(configuration: configuration, kafka: kafka).findings(writes: true)
        #expect(findings.map(\.level) == [.ok])
    }

    @Test func `no right to read is found by reading`() async throws {
        let broker = try EmbeddedBroker()
        let configuration = try configuration(broker)
        broker.pushErrors(.fetch, Array(repeating: KafkaError.Code.topicAuthorization, count: 20))
        let findings = await KafkaInspection(configuration).findings()
        let refused = findings.filter { $0.remedy?.contains("--operation Read --topic") == true }
        #expect(refused.contains { $0.kind == .configuration }, "\(findings)")
    }

    @Test func `no right to the group is named, though nobody answers but the error by itself`() async throws {
        let broker = try EmbeddedBroker()
        let configuration = try configuration(broker)
        let kafka = KafkaConfiguration(bootstrapServers: broker.bootstrapServers)
        broker.pushErrors(.findCoordinator, Array(repeating: KafkaError.Code.groupAuthorization, count: 100))
        let admin = try KafkaAdmin(configuration: kafka)
        let findings = await GroupInspection(configuration: configuration, kafka: kafka).findings(with: admin)
        await admin.close()
        let option = "--operation Read --group instagram-send-worker"
        #expect(findings.contains { $0.remedy?.contains(option) == true }, "\(findings)")
        #expect(!findings.contains { $0.text.contains("no member now") }, "nobody could see the members")
    }

    @Test func `a property that librdkafka does not know has to be put right`() async {
        var configuration = WorkerConfiguration()
        configuration.kafka.properties["no.such.property"] = SecretText("hush")
        let findings = await KafkaInspection(configuration).findings()
        #expect(findings.map(\.kind) == [.configuration])
        #expect(findings.first?.text.contains("no.such.property") == true)
    }

    @Test(
        arguments: [
            ([], Int32(0)), ([nil], 0), ([.failed], 1), ([.configuration], 2), ([.failed, .configuration, nil], 2),
        ] as [([WorkerFailure.Kind?], Int32)]
    )
    func `the exit code follows from the worst problem`(kinds: [WorkerFailure.Kind?], code: Int32) {
        let findings = kinds.map { kind in
            kind.map { Finding.problem(.kafka, $0, "x", remedy: "y") } ?? .warning(.kafka, "x", remedy: "y")
        }
        #expect(InspectionReport(findings).exitCode == code)
    }

    @Test func `brokers that cannot be reached are a problem where none can, a warning where some can`() {
        let brokers = [KafkaBroker(id: 1, host: "kafka", port: 29_092), KafkaBroker(id: 2, host: "b", port: 9_092)]
        func levels(unreachable: [KafkaBroker]) -> [Finding.Level] {
            AdvertisedBrokers(
                bootstrapServers: "x",
                all: brokers,
                unreachable: unreachable.map { .init(broker: $0, failure: .silent) }
            ).findings.map(\.level)
        }
        #expect(levels(unreachable: brokers) == [.problem])
        #expect(levels(unreachable: [brokers[1]]) == [.warning])
        #expect(levels(unreachable: []).isEmpty)
    }

    @Test func `each finding is one line with its remedy`() {
        let report = InspectionReport([
            .ok(.kafka, "fine"), .problem(.topics, .failed, "two\nlines", remedy: "mend it"),
        ])
        #expect(report.text == "ok       kafka          fine\nproblem  topics         two lines; remedy: mend it\n")
        let json =
            #"{"exit_code":1,"findings":[{"level":"ok","area":"kafka","text":"fine","remedy":null},"#
            + #"{"level":"problem","area":"topics","text":"two\nlines","remedy":"mend it"}]}"#
        #expect(report.json == json + "\n")
    }

    @Test func `what takes too long is left behind`() async {
        let value: Int? = await TimeLimit.run(.milliseconds(20)) {
            try? await Task.sleep(for: .seconds(100))
            return 1
        }
        #expect(value == nil)
        #expect(await TimeLimit.run(.seconds(60)) { 2 } == 2)
    }
}
