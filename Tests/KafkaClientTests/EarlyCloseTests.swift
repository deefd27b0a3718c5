import KafkaClient
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct EarlyCloseTests {
    /// librdkafka before 2.3.0 ends the process where a member goes that was chosen to share partitions out and has not
    /// been assigned any.
    @Test func aMemberThatGoesBeforeItsFirstAssignmentDoesNotEndTheProcess() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("early", partitions: 2)
        // The group never comes as far as an assignment.
        broker.pushErrors(.syncGroup, Array(repeating: KafkaError.Code.rebalanceInProgress, count: 1_000))
        let joined = Joined()
        let consumer = try KafkaConsumer(
            configuration: KafkaConfiguration(
                bootstrapServers: broker.bootstrapServers,
                properties: [("debug", "cgrp"), ("log_level", "7")],
                onLog: { line in if line.message.contains("SyncGroup") { joined.note() } }
            ),
            groupID: "early",
            onEvent: { _ in }
        )
        try await consumer.subscribe(to: ["early"])
        while !joined.isNoted { try await Task.sleep(for: .milliseconds(10)) }
        _ = await consumer.close(timeout: .seconds(1))
    }

    private final class Joined: Sendable {
        private let flag = Atomic(false)
        var isNoted: Bool { flag.load(ordering: .acquiring) }
        func note() { flag.store(true, ordering: .releasing) }
    }
}
