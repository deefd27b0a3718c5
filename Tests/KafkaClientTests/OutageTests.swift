import KafkaClient
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct OutageTests {
    @Test func anOutageIsToldOnceAndTheFlowGoesOnAfterIt() async throws {
        let broker = try EmbeddedBroker(brokers: 2)
        try broker.createTopic("t", partitions: 1)
        try await publish(0..<3, to: "t", on: broker.bootstrapServers)
        let quick = [(name: "reconnect.backoff.max.ms", value: "200"), (name: "reconnect.backoff.ms", value: "50")]
        let member = try Member(broker.bootstrapServers, properties: quick)
        try await member.consumer.subscribe(to: ["t"])
        try await member.wait("three records") { $0.records.count == 3 }
        for outage in 1...2 {
            try broker.setDown()
            try await member.wait("the outage") { $0.downs == outage }
            try broker.setUp()
            try await member.wait("the return") { $0.ups == outage }
        }
        try await publish(3..<6, to: "t", on: broker.bootstrapServers)
        try await member.wait("three more records") { $0.records.count >= 6 }
        #expect(member.seen.values == ["0", "1", "2", "3", "4", "5"])
        #expect(member.seen.downs == 2 && member.seen.ups == 2)
        await member.consumer.close(timeout: .seconds(10))
    }

    @Test func whatIsPublishedDuringAnOutageArrivesAfterIt() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 1)
        let events = Mutex<[String]>([])
        let (downs, told) = AsyncStream<Void>.makeStream()
        let configuration = KafkaConfiguration(broker, [("reconnect.backoff.max.ms", "200")])
        let producer = try KafkaProducer(configuration: configuration) { event in
            switch event {
            case .brokersDown:
                events.withLock { $0.append("down") }
                told.yield()
            case .brokersUp: events.withLock { $0.append("up") }
            default: break
            }
        }
        #expect(try await producer.publish([ProducerRecord(topic: "t", partition: 0, value: nil)])[0].get() == 0)
        try broker.setDown()
        async let late = producer.publish([ProducerRecord(topic: "t", partition: 0, value: nil)])
        for await _ in downs { break }
        try broker.setUp()
        #expect(try await late[0].get() == 1)
        await producer.close(timeout: .seconds(10))
        #expect(events.withLock { $0 }.first == "down")
    }

    @Test func closingTakesNoLongerThanItMayWhileNoBrokerIsThere() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 1)
        let member = try Member(broker.bootstrapServers, releasesByItself: false)
        try await member.consumer.subscribe(to: ["t"])
        try await member.wait("the partition") { $0.held.count == 1 }
        try broker.setDown()
        let start = ContinuousClock.now
        await member.consumer.close(timeout: .seconds(2))
        #expect(ContinuousClock.now - start < .seconds(3))
        await #expect(throws: KafkaError.self) { try await member.consumer.subscribe(to: ["t"]) }
    }

    @Test func aMemberThatIsDroppedStops() async throws {
        let broker = try EmbeddedBroker()
        var member: Member? = try Member(broker.bootstrapServers)
        weak let consumer = member?.consumer
        try await member?.consumer.subscribe(to: ["t"])
        member = nil
        let deadline = ContinuousClock.now + .seconds(10)
        while consumer != nil && ContinuousClock.now < deadline { await Task.yield() }
        #expect(consumer == nil)
    }
}
