import Foundation
import KafkaClient
import Telemetry
import Testing

@testable import SendEngine
@testable import SendWorker

private let servers = ProcessInfo.processInfo.environment["KAFKA_BOOTSTRAP_SERVERS"] ?? ""

/// Reading state from brokers: the embedded one, and where one is named by `KAFKA_BOOTSTRAP_SERVERS` that one for what
/// needs transactions.
@Suite(.timeLimit(.minutes(2)))
struct StateSourceTests {
    private let topic = StateTopic(name: "state-\(UInt32.random(in: 0...UInt32.max))")

    private func source(_ configuration: KafkaConfiguration, committed: [Int32: Int64]) -> StateSource {
        let offsets = Dictionary(
            uniqueKeysWithValues: committed.map {
                let own = CommittedOffset(offset: $0.value, metadata: StateTopic.offsetMetadata)
                return (TopicPartition(topic: "r", partition: $0.key), own)
            }
        )
        return StateSource(
            stateTopic: topic,
            requestsTopic: "r",
            configuration: configuration,
            replicas: ReplicaNames(groupID: topic.partition(0).topic, instanceID: "reader"),
            committed: { _ in offsets },
            logs: { _ in [:] }
        )
    }

    private func reader(
        _ configuration: KafkaConfiguration,
        committed: [Int32: Int64],
        _ recorder: LogRecorder = LogRecorder()
    ) throws -> StateReader {
        StateReader(
            source: source(configuration, committed: committed),
            patience: .seconds(60),
            metrics: try WorkerMetrics(),
            logger: recorder.logger(),
            repetitions: RepetitionLimiter(interval: .seconds(30))
        )
    }

    private func records(
        base: Int64,
        _ holds: [String: Int],
        partition: Int32 = 0,
        writer: String? = nil
    ) -> [ProducerRecord] {
        let delivery = Delivery(
            ledgers: [partition: PartitionSnapshot(base: base).encoded()],
            accounts: holds.map { id, holds in
                let memory = holds > 0 ? StateFixture.memory(holds: holds).encoded() : nil
                return CommitBatch.AccountState(partition: partition, epoch: 1, accountID: id, memory: memory)
            }
        )
        return topic.records(for: delivery, marker: [7], writer: writer)
    }

    private func publish(_ records: [ProducerRecord], with producer: KafkaProducer) async throws {
        for answer in await producer.publish(records) { _ = try answer.get() }
    }

    @Test func whatADeliveryWroteIsReadFromAllPartitions() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic(topic.partition(0).topic, partitions: 3)
        let configuration = KafkaConfiguration(bootstrapServers: broker.bootstrapServers)
        let producer = try KafkaProducer(configuration: configuration)
        try await publish(records(base: 3, ["1": 1, "2": 1]), with: producer)
        try await publish(records(base: 5, ["1": 4, "2": 0]), with: producer)
        try await publish(records(base: 9, ["3": 2], partition: 2), with: producer)
        await producer.close(timeout: .seconds(10))
        let reader = try reader(configuration, committed: [0: 5, 2: 9])
        let restored = await reader.restored([0, 1, 2])
        #expect(restored[0]?.snapshot?.base == 5)
        #expect(restored[0]?.accounts == ["1": StateFixture.memory(holds: 4)])
        #expect(restored[1]?.snapshot == nil && restored[1]?.accounts.isEmpty == true)
        #expect(restored[2]?.snapshot?.base == 9)
        #expect(restored[2]?.accounts == ["3": StateFixture.memory(holds: 2)])
        #expect(try await reader.lastMarker(of: 2) == [7])
        #expect(try await reader.lastMarker(of: 1) == nil)
    }

    @Test func `a partition that the topic lacks has no end`() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic(topic.partition(0).topic, partitions: 2)
        let configuration = KafkaConfiguration(bootstrapServers: broker.bootstrapServers)
        #expect(try await source(configuration, committed: [:]).logEnds([0, 1, 2]) == [0: 0, 1: 0])
    }

    @Test(.enabled(if: !servers.isEmpty))
    func whatADeadReplicasTransactionHidesIsSeenOnceItIsEnded() async throws {
        let configuration = KafkaConfiguration(bootstrapServers: servers)
        let name = topic.partition(0).topic
        let admin = try KafkaAdmin(configuration: configuration)
        _ = try await admin.createTopics([TopicSpecification(name: name, partitions: 1, replicationFactor: 1)])
        await admin.close()
        let first = try await producer("first", configuration)
        try await first.beginTransaction()
        try await publish(records(base: 3, ["1": 1]), with: first)
        try await first.commitTransaction(timeout: .seconds(10))
        // It dies in the middle of a transaction.
        let dead = try await producer("dead", configuration)
        try await dead.beginTransaction()
        try await publish(records(base: 4, ["1": 2], writer: "\(name)-dead"), with: dead)
        let second = try await producer("second", configuration)
        try await second.beginTransaction()
        try await publish(records(base: 9, ["1": 3]), with: second)
        try await second.commitTransaction(timeout: .seconds(10))

        let recorder = LogRecorder()
        let restored = await (try reader(configuration, committed: [0: 9], recorder)).restored([0])
        #expect(restored[0]?.snapshot?.base == 9)
        #expect(restored[0]?.accounts == ["1": StateFixture.memory(holds: 3)])
        #expect(recorder.count(of: "have been ended") == 1, "\(recorder.lines)")
        for producer in [first, dead, second] { await producer.close(timeout: .seconds(5)) }
    }

    private func producer(_ name: String, _ configuration: KafkaConfiguration) async throws -> KafkaProducer {
        let producer = try KafkaProducer(
            configuration: configuration,
            transactionalID: "\(topic.partition(0).topic)-\(name)"
        )
        try await producer.initTransactions(timeout: .seconds(20))
        return producer
    }
}
