import KafkaClient
import SendWorker
import Testing

@testable import OperatorTools

@Suite struct TopicFactsTests {
    private static let noRight = KafkaError(
        code: KafkaError.Code.topicAuthorization,
        name: "TOPIC_AUTHORIZATION_FAILED",
        message: "Broker: Topic authorization failed",
        operation: "test"
    )
    private static let away = KafkaError(
        code: KafkaError.Code.timedOut,
        name: "_TIMED_OUT",
        message: "Local: Timed out",
        operation: "test"
    )

    private func facts(
        _ placement: Result<TopicPlacement?, KafkaError> = .success(TopicPlacement(partitions: 6, copies: 3)),
        _ settings: Result<[String: String], KafkaError> = .success([:])
    ) -> TopicFacts {
        TopicFacts(name: "t", placement: placement, settings: settings)
    }

    @Test func `a topic that is there and has its copies is fine`() {
        let finding = facts().existence(brokers: 3)
        #expect(finding == .ok(.topics, "t has 6 partitions, 3 copies each"))
    }

    @Test func `a topic that is missing has to be created first`() {
        let finding = facts(.success(nil)).existence(brokers: 3)
        #expect(finding.kind == .configuration)
        #expect(finding.remedy == "send-worker topics create")
        #expect(facts(.success(nil)).compaction().isEmpty)
        #expect(facts(.success(nil)).room().isEmpty)
    }

    @Test func `a right that is missing is named with the command that adds it`() {
        let finding = facts(.failure(Self.noRight)).existence(brokers: 3)
        #expect(finding.kind == .configuration)
        #expect(finding.text.contains("the ACL that allows Describe on topic t is missing"))
        #expect(finding.remedy?.contains("--operation Describe --topic t") == true)
        let unreadable = TopicFacts.unreadable("t", Self.noRight)
        #expect(unreadable.remedy?.contains("--operation Read --topic t") == true)
    }

    @Test func `brokers that do not answer are no mistake in the configuration`() {
        #expect(facts(.failure(Self.away)).existence(brokers: 3).kind == .failed)
        #expect(TopicFacts.unreadable("t", Self.away).kind == .failed)
    }

    @Test func `partitions without a leader are a problem, a single copy among several brokers is a warning`() {
        let leaderless = TopicPlacement(partitions: 6, copies: 1, leaderless: [2, 5])
        #expect(facts(.success(leaderless)).existence(brokers: 3).text.hasSuffix("partitions without a leader: 2, 5"))
        let single = facts(.success(TopicPlacement(partitions: 6, copies: 1)))
        #expect(single.existence(brokers: 3).level == .warning)
        #expect(single.existence(brokers: 1).level == .ok)
        let behind = TopicPlacement(partitions: 6, copies: 3, underReplicated: 4)
        #expect(facts(.success(behind)).existence(brokers: 3).level == .warning)
    }

    @Test func `the state topic must have as many partitions as the requests topic`() {
        let other = facts(.success(TopicPlacement(partitions: 5, copies: 3)))
        let finding = TopicFacts.fit(other, to: facts()).first
        #expect(finding?.kind == .configuration)
        #expect(finding?.remedy == "give it as many: kafka-topics.sh --alter --topic \(other.name) --partitions 6")
        let larger = TopicFacts.fit(facts(), to: other).first
        #expect(larger?.kind == .configuration && larger?.remedy?.contains("let the workers finish") == true)
        #expect(TopicFacts.fit(facts(), to: facts()).map(\.level) == [.ok])
        #expect(TopicFacts.fit(facts(.success(nil)), to: facts()).isEmpty)
    }

    @Test(arguments: [("compact", Finding.Level.ok), ("compact,delete", .ok), ("delete", .warning)])
    func `the state topic should be compacted`(policy: String, level: Finding.Level) {
        let found = facts(.success(TopicPlacement(partitions: 6, copies: 3)), .success(["cleanup.policy": policy]))
        #expect(found.compaction().map(\.level) == [level])
    }

    @Test(arguments: [(1_048_588, Finding.Level.ok), (73_728, .ok), (73_727, .warning), (1_199, .problem)])
    func `a topic should take the largest record that may be written`(limit: Int, level: Finding.Level) {
        let found = facts(
            .success(TopicPlacement(partitions: 6, copies: 3)),
            .success(["max.message.bytes": "\(limit)"])
        )
        #expect(found.room().map(\.level) == [level])
    }

    @Test(arguments: [(41_024, Finding.Level.ok), (41_023, .warning), (1_199, .problem)])
    func `the state topic should take the largest ledger`(limit: Int, level: Finding.Level) {
        let found = facts(
            .success(TopicPlacement(partitions: 6, copies: 3)),
            .success(["max.message.bytes": "\(limit)"])
        )
        #expect(found.room(forLedgersOf: 10_000).map(\.level) == [level])
    }

    @Test func `settings that the brokers do not tell are warnings`() {
        for answer in [.failure(Self.noRight), .failure(Self.away), .success([:])]
            as [Result<[String: String], KafkaError>]
        {
            let found = facts(.success(TopicPlacement(partitions: 6, copies: 3)), answer)
            #expect(found.compaction().map(\.level) == [.warning])
            #expect(found.room().map(\.level) == [.warning])
        }
        let refused = facts(.success(TopicPlacement(partitions: 6, copies: 3)), .failure(Self.noRight)).room().first
        #expect(refused?.remedy?.contains("--operation DescribeConfigs --topic t") == true)
    }

    @Test func `a topic of requests, results or dead letters must not be compacted`() {
        for policy in ["compact", "compact,delete"] {
            let finding = facts(
                .success(TopicPlacement(partitions: 6, copies: 3)),
                .success(["cleanup.policy": policy])
            )
            .keepsAll(isAskedHere: true).first
            #expect(finding?.kind == .configuration)
            #expect(finding?.remedy?.hasSuffix("--entity-name t --add-config cleanup.policy=delete") == true)
        }
        let kept = facts(.success(TopicPlacement(partitions: 6, copies: 3)), .success(["cleanup.policy": "delete"]))
        #expect(kept.keepsAll(isAskedHere: true).map(\.level) == [.ok])
        let unknown = facts(.success(TopicPlacement(partitions: 6, copies: 3)), .failure(Self.noRight))
        #expect(unknown.keepsAll(isAskedHere: true).map(\.level) == [.warning])
        #expect(unknown.keepsAll(isAskedHere: false).isEmpty, "another finding says it")
    }
}
