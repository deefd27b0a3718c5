import KafkaClient
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ProduceAndConsumeTests {
    @Test func recordsComeBackAsTheyWereWritten() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 1)
        let written = [
            ProducerRecord(
                topic: "t",
                partition: 0,
                key: bytes("k"),
                value: bytes("v"),
                headers: [
                    KafkaHeader(name: "a", value: bytes("1")), KafkaHeader(name: "a", value: []),
                    KafkaHeader(name: "b", value: nil),
                ],
                timestamp: 1_700_000_000_123
            ),
            ProducerRecord(topic: "t", partition: 0, key: bytes("k"), value: nil),
            ProducerRecord(topic: "t", partition: 0, key: [], value: []),
            ProducerRecord(topic: "t", partition: 0, value: Array(repeating: 7, count: 200_000)),
        ]
        let producer = try KafkaProducer(configuration: KafkaConfiguration(broker))
        let offsets = try await producer.publish(written).map { try $0.get() }
        #expect(offsets == [0, 1, 2, 3])
        await producer.close(timeout: .seconds(10))

        let member = try Member(broker.bootstrapServers)
        try await member.consumer.subscribe(to: ["t"])
        try await member.wait("four records") { $0.records.count >= 4 }
        let read = member.seen.records
        #expect(read.map(\.key) == written.map(\.key))
        #expect(read.map(\.value) == written.map(\.value))
        #expect(read.map(\.headers) == written.map(\.headers))
        #expect(read.map(\.offset) == [0, 1, 2, 3])
        #expect(read[0].timestamp == 1_700_000_000_123)
        #expect(await member.consumer.close(timeout: .seconds(10)))
    }

    @Test func aFullQueueIsWaitedFor() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 1)
        let configuration = KafkaConfiguration(broker, [("queue.buffering.max.messages", "10")])
        let producer = try KafkaProducer(configuration: configuration)
        let records = (0..<1_000).map { ProducerRecord(topic: "t", partition: 0, value: bytes("\($0)")) }
        let offsets = try await producer.publish(records).map { try $0.get() }
        #expect(offsets == Array(0..<1_000))
        await producer.close(timeout: .seconds(10))
    }

    @Test func aFullQueueThatIsClosedFailsWhatItHeldAndWhatItHadNoRoomFor() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 1)
        try broker.setDown()
        let configuration = KafkaConfiguration(broker, [("queue.buffering.max.messages", "10")])
        let producer = try KafkaProducer(configuration: configuration)
        let records = (0..<100).map { ProducerRecord(topic: "t", partition: 0, value: bytes("\($0)")) }
        async let results = producer.publish(records)
        await producer.close(timeout: .seconds(2))
        for result in await results { #expect(throws: KafkaError.self) { try result.get() } }
        #expect(await results.count == 100)
    }

    @Test func aRecordThatIsTooLargeFailsAloneAndSaysSo() async throws {
        let broker = try EmbeddedBroker()
        let configuration = KafkaConfiguration(broker, [("message.max.bytes", "2000")])
        let producer = try KafkaProducer(configuration: configuration)
        let results = await producer.publish([
            ProducerRecord(topic: "t", partition: 0, value: Array(repeating: 1, count: 5_000)),
            ProducerRecord(topic: "t", partition: 0, value: bytes("small")),
        ])
        #expect(throws: KafkaError.self) { try results[0].get() }
        if case .failure(let error) = results[0] { #expect(error.isMessageTooLarge && !error.isFatal) }
        #expect(try results[1].get() == 0)
        await producer.close(timeout: .seconds(10))
    }

    @Test func publishingAfterCloseFailsWithAnError() async throws {
        let broker = try EmbeddedBroker()
        let producer = try KafkaProducer(configuration: KafkaConfiguration(broker))
        await producer.close(timeout: .seconds(10))
        let results = await producer.publish([ProducerRecord(topic: "t", value: nil)])
        guard case .failure(let error) = results.first else { throw Member.Timeout(condition: "a failure") }
        #expect(error.code == KafkaError.Code.destroyed)
    }

    @Test func closingFailsWhatCannotBeDelivered() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 1)
        let producer = try KafkaProducer(configuration: KafkaConfiguration(broker))
        _ = await producer.publish([ProducerRecord(topic: "t", partition: 0, value: bytes("first"))])
        try broker.setDown()
        async let stuck = producer.publish([ProducerRecord(topic: "t", partition: 0, value: bytes("second"))])
        let start = ContinuousClock.now
        await producer.close(timeout: .seconds(4))
        #expect(ContinuousClock.now - start < .seconds(8))
        let results = await stuck
        #expect(throws: KafkaError.self) { try results[0].get() }
    }
}
