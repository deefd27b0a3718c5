import KafkaClient
import SendWorker
import Telemetry
import Testing

@testable import OperatorTools

@Suite struct GroupFactsTests {
    private let members = (0..<3).map { GroupDescription.Member(clientID: "c\($0)", host: "/10.0.0.\($0)") }

    private func facts(members count: Int, partitions: Int) -> GroupFacts {
        let description = GroupDescription(
            state: count == 0 ? "Empty" : "Stable",
            members: Array(members.prefix(count))
        )
        return GroupFacts(group: "g", topic: "t", description: .success(description), partitions: partitions)
    }

    private static func refusal(_ code: Int32) -> KafkaError {
        KafkaError(code: code, name: "X_AUTHORIZATION_FAILED", message: "refused", operation: "test")
    }

    @Test func `members and state are told`() {
        #expect(facts(members: 2, partitions: 6).findings.map(\.text) == ["g is Stable with 2 members"])
        #expect(facts(members: 0, partitions: 6).findings.map(\.level) == [.ok])
        #expect(facts(members: 0, partitions: 6).findings.first?.text.contains("no worker runs") == true)
    }

    @Test func `more members than partitions are a warning`() {
        let finding = facts(members: 3, partitions: 2).findings.first
        #expect(finding?.level == .warning)
        #expect(finding?.text.contains("1 of them have nothing to do") == true)
    }

    @Test func `the lag counts what lies behind the committed offsets, and all of a partition that has none`() {
        var found = facts(members: 1, partitions: 3)
        let partitions = (0..<3).map { TopicPartition(topic: "t", partition: $0) }
        found.committed = .success([partitions[0]: 90, partitions[1]: 50])
        found.marks = [
            partitions[0]: Watermarks(low: 0, high: 100), partitions[1]: Watermarks(low: 0, high: 50),
            partitions[2]: Watermarks(low: 10, high: 17),
        ]
        #expect(found.findings.last?.text == "g has committed offsets for 2 of 3 partitions; its lag is 17")
        found.marks[partitions[2]] = nil
        #expect(
            found.findings.last?.text.hasSuffix("its lag is 10 (1 partitions did not tell their end in time)") == true
        )
    }

    @Test func `a group that has committed nothing begins with the oldest record`() {
        var found = facts(members: 0, partitions: 1)
        found.committed = .success([:])
        found.marks = [TopicPartition(topic: "t", partition: 0): Watermarks(low: 5, high: 9)]
        #expect(found.findings.last?.text.contains("the oldest of 4 records") == true)
    }

    @Test func `a right that is missing is named after what refused`() {
        var found = GroupFacts(
            group: "g",
            topic: "t",
            description: .failure(Self.refusal(KafkaError.Code.groupAuthorization)),
            partitions: 1
        )
        found.committed = .failure(Self.refusal(KafkaError.Code.topicAuthorization))
        #expect(found.findings.map(\.kind) == [.configuration, .configuration])
        #expect(found.findings.first?.remedy?.contains("--operation Read --group g") == true)
        #expect(found.findings.last?.remedy?.contains("--operation Read --topic t") == true)
    }

    @Test func `a broker that does not answer such questions is a warning`() {
        let found = GroupFacts(
            group: "g",
            topic: "t",
            description: .failure(Self.refusal(KafkaError.Code.unsupported))
        )
        #expect(found.findings.map(\.level) == [.warning])
    }

    @Test func `members that share partitions out by another strategy keep a worker out`() {
        let description = GroupDescription(state: "Stable", members: members, strategy: "range")
        var found = GroupFacts(
            group: "g",
            topic: "t",
            description: .success(description),
            strategies: ["cooperative-sticky"]
        )
        #expect(found.findings.map(\.kind) == [.configuration])
        #expect(found.findings[0].text.contains("its 3 members share partitions out by range"))
        #expect(found.findings[0].text.contains("this worker's strategy is cooperative-sticky"))
        #expect(found.findings[0].remedy?.contains("partition.assignment.strategy=range") == true)
        found.strategies = ["roundrobin", "range"]
        #expect(found.findings.map(\.level) == [.ok])
    }

    /// A replica of this version has to get into a group of the version before, and back.
    @Test(
        arguments: [(.exactlyOnce, ["cooperative-sticky"]), (.atLeastOnce, ["range"])]
            as [(WorkerConfiguration.Delivery.Guarantee, [String])]
    )
    func `the strategies that a worker has by default do not change`(
        guarantee: WorkerConfiguration.Delivery.Guarantee,
        strategies: [String]
    ) {
        var configuration = WorkerConfiguration()
        configuration.delivery.guarantee = guarantee
        let repetitions = RepetitionLimiter(interval: .seconds(30))
        let kafka = KafkaConfiguration(worker: configuration, logger: Logger.disabled, repetitions: repetitions)
        #expect(kafka.assignmentStrategies == strategies)
    }
}
