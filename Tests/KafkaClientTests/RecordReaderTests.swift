import KafkaClient
import Testing

@Suite(.timeLimit(.minutes(1)))
struct RecordReaderTests {
    @Test func readingToTheEndGivesAllThereIsAndStops() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 3)
        try await publish(0..<1_500, to: "t", partition: 0, on: broker.bootstrapServers)
        try await publish(0..<5, to: "t", partition: 1, on: broker.bootstrapServers)
        let starts = [
            RecordReader.Start(TopicPartition(topic: "t", partition: 0)),
            RecordReader.Start(TopicPartition(topic: "t", partition: 1), from: 3),
            RecordReader.Start(TopicPartition(topic: "t", partition: 2)),
        ]
        let reader = try RecordReader(configuration: KafkaConfiguration(broker), starts: starts)
        var records: [KafkaRecord] = []
        for try await batch in reader.batches { records += batch }
        #expect(records.filter { $0.partition == 0 }.map(\.offset) == Array(0..<1_500))
        #expect(records.filter { $0.partition == 1 }.map(\.offset) == [3, 4])
        #expect(records.count == 1_502)
        #expect(try await reader.next() == nil)
        #expect(await reader.ends == Dictionary(uniqueKeysWithValues: zip(partitions("t", 0..<3), [1_500, 5, 0])))
        await reader.close()
        await #expect(throws: KafkaError.self) { try await reader.next() }
    }

    @Test func followingWaitsForWhatComes() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 1)
        // An offset beyond the end would be out of range, and reading would begin anew at the beginning.
        try await publish(0..<2, to: "t", on: broker.bootstrapServers)
        let start = RecordReader.Start(TopicPartition(topic: "t", partition: 0), from: 2)
        let reader = try RecordReader(configuration: KafkaConfiguration(broker), starts: [start], mode: .following)
        async let first = reader.next()
        try await publish(2..<5, to: "t", on: broker.bootstrapServers)
        #expect(try await first?.first?.offset == 2)
        await reader.close()
    }

    @Test func aCancelledReaderStops() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 1)
        let start = RecordReader.Start(TopicPartition(topic: "t", partition: 0))
        let reader = try RecordReader(configuration: KafkaConfiguration(broker), starts: [start], mode: .following)
        let reading = Task { try await reader.next() }
        reading.cancel()
        await #expect(throws: CancellationError.self) { try await reading.value }
        await reader.close()
    }

    @Test func aPartitionThatIsNotThereIsAnError() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 1)
        let start = RecordReader.Start(TopicPartition(topic: "t", partition: 7))
        let reader = try RecordReader(configuration: KafkaConfiguration(broker), starts: [start])
        await #expect(throws: KafkaError.self) { try await reader.next() }
        await reader.close()
    }
}
