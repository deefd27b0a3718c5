import KafkaClient
import Testing

@Suite(.timeLimit(.minutes(1)))
struct AdminTests {
    @Test func partitionsAndWatermarksAreKnown() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("six", partitions: 6)
        try await publish(0..<4, to: "six", partition: 2, on: broker.bootstrapServers)
        let admin = try KafkaAdmin(configuration: KafkaConfiguration(broker))
        #expect(try await admin.partitionCounts(["six"]) == ["six": 6])
        let marks = try await admin.watermarks(of: TopicPartition(topic: "six", partition: 2))
        #expect(marks == Watermarks(low: 0, high: 4))
        await admin.close()
        await #expect(throws: KafkaError.self) { try await admin.partitionCounts(["six"]) }
    }

    @Test func whatABrokerCannotDoIsAnErrorThatNamesIt() async throws {
        let broker = try EmbeddedBroker()
        let admin = try KafkaAdmin(configuration: KafkaConfiguration(broker))
        let creation = await #expect(throws: KafkaError.self) {
            try await admin.createTopics([TopicSpecification(name: "t", partitions: 1)], timeout: .seconds(2))
        }
        #expect(creation?.operation == "create topics")
        let description = await #expect(throws: KafkaError.self) {
            try await admin.topicConfiguration("t", timeout: .seconds(2))
        }
        #expect(description?.operation == "configuration of topic t")
        await admin.close()
    }

    @Test func aSpecificationThatMakesNoSenseIsRefused() async throws {
        let broker = try EmbeddedBroker()
        let admin = try KafkaAdmin(configuration: KafkaConfiguration(broker))
        let error = await #expect(throws: KafkaError.self) {
            try await admin.createTopics([TopicSpecification(name: "t", partitions: 0)])
        }
        #expect(error?.operation == "create topic t")
        await admin.close()
    }
}
