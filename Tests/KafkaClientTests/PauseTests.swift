import KafkaClient
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PauseTests {
    @Test func pausingAndResumingLosesNothingAndRepeatsNothing() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 2)
        let count = 3_000
        try await publish(0..<count, to: "t", partition: 0, on: broker.bootstrapServers)
        try await publish(0..<count, to: "t", partition: 1, on: broker.bootstrapServers)
        let member = try Member(broker.bootstrapServers, maximumBatch: 20)
        try await member.consumer.subscribe(to: ["t"])
        let first = TopicPartition(topic: "t", partition: 0)
        var goal = 100
        while member.seen.records.count(where: { $0.partition == 0 }) < count {
            let wanted = min(goal, count)
            try await member.wait("\(wanted) records") { seen in
                seen.records.count(where: { $0.partition == 0 }) >= wanted
            }
            try await member.consumer.pause([first])
            try await member.consumer.pause([first])
            try await member.consumer.resume([first])
            goal = member.seen.records.count(where: { $0.partition == 0 }) + 150
        }
        try await member.wait("all records") { $0.records.count >= 2 * count }
        for number in 0..<2 as Range<Int32> {
            let offsets = member.seen.records.filter { $0.partition == number }.map(\.offset)
            #expect(offsets == Array(0..<Int64(count)))
        }
        #expect(await member.consumer.close(timeout: .seconds(10)))
    }

    @Test func aPausedPartitionStaysSilentWhileOthersFlow() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 2)
        let member = try Member(broker.bootstrapServers, startsByItself: false)
        try await member.consumer.subscribe(to: ["t"])
        try await member.wait("an assignment") { $0.held.count == 2 }
        let both = partitions("t", 0..<2)
        // Paused before it is fetched for the first time.
        try await member.consumer.pause([both[0]])
        try await member.consumer.startFetching(both.map { ($0, from: 0) })
        try await publish(0..<5, to: "t", partition: 0, on: broker.bootstrapServers)
        try await publish(0..<5, to: "t", partition: 1, on: broker.bootstrapServers)
        try await member.wait("the other's records") { $0.records.count >= 5 }
        #expect(member.seen.records.allSatisfy { $0.partition == 1 })
        try await member.consumer.resume([both[0]])
        try await member.wait("its records") { $0.records.count == 10 }
        #expect(await member.consumer.close(timeout: .seconds(10)))
    }

    @Test func whatIsOnHoldIsSilentAndOwnedUntilItBegins() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 2)
        let both = partitions("t", 0..<2)
        try await publish(0..<10, to: "t", partition: 0, on: broker.bootstrapServers)
        try await publish(0..<10, to: "t", partition: 1, on: broker.bootstrapServers)
        let member = try Member(broker.bootstrapServers, startsByItself: false)
        try await member.consumer.subscribe(to: ["t"])
        try await member.wait("an assignment") { $0.held.count == 2 }
        let epoch = try #require(member.seen.assignments.last?.epoch)
        try await member.consumer.startPaused(both, epoch: epoch)
        // The rebalance is over: a commit does not wait for it.
        try await member.consumer.commit([both[0]: 5], timeout: .seconds(10))
        try await member.consumer.begin(both[1], at: 0)
        try await member.wait("the records of one") { $0.records.count == 10 }
        #expect(member.seen.records.allSatisfy { $0.partition == 1 })
        try await member.consumer.begin(both[0], at: 0)
        try await member.wait("the records of the other") { $0.records.count == 20 }
        #expect(member.seen.records.filter { $0.partition == 0 }.map(\.offset) == Array(0..<10))
        #expect(await member.consumer.close(timeout: .seconds(10)))
    }

    @Test func whatIsOnHoldBeginsAtTheOffsetThatIsNamed() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 2)
        let both = partitions("t", 0..<2)
        try await publish(0..<10, to: "t", partition: 0, on: broker.bootstrapServers)
        try await publish(0..<10, to: "t", partition: 1, on: broker.bootstrapServers)
        let member = try Member(broker.bootstrapServers, startsByItself: false)
        try await member.consumer.subscribe(to: ["t"])
        try await member.wait("an assignment") { $0.held.count == 2 }
        let epoch = try #require(member.seen.assignments.last?.epoch)
        try await member.consumer.startPaused(both, epoch: epoch)
        try await member.consumer.begin(both[0], at: 7)
        try await member.consumer.begin(both[1], at: 0)
        try await member.wait("the records from there on") { $0.records.count >= 13 }
        #expect(member.seen.records.filter { $0.partition == 0 }.map(\.offset) == [7, 8, 9])
        #expect(member.seen.records.filter { $0.partition == 1 }.map(\.offset) == Array(0..<10))
        #expect(await member.consumer.close(timeout: .seconds(10)))
    }

    /// The coordinator moves while an assignment begins: it refuses whatever it is asked about the group's offsets.
    @Test(arguments: [true, false])
    func whatIsTakenInWhileTheCoordinatorMovesBeginsAndCanBeGivenBack(isOnHold: Bool) async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 2)
        let both = partitions("t", 0..<2)
        for partition in Int32(0)..<2 {
            try await publish(0..<10, to: "t", partition: partition, on: broker.bootstrapServers)
        }
        let cooperative = [(name: "partition.assignment.strategy", value: "cooperative-sticky")]
        let member = try Member(broker.bootstrapServers, properties: cooperative, startsByItself: false)
        try await member.consumer.subscribe(to: ["t"])
        try await member.wait("an assignment") { $0.held.count == 2 }
        let epoch = try #require(member.seen.assignments.last?.epoch)
        // NOT_COORDINATOR.
        broker.pushErrors(.offsetFetch, Array(repeating: 16, count: 50))
        if isOnHold {
            try await member.consumer.startPaused(both, epoch: epoch)
            for partition in both { try await member.consumer.begin(partition, at: 3) }
        } else {
            try await member.consumer.startFetching(both.map { ($0, from: nil) }, epoch: epoch)
        }
        try await member.wait("the records") { $0.records.count >= (isOnHold ? 14 : 20) }

        // One more member: some of it is taken back, and the rebalance has to come to its end.
        let second = try Member(broker.bootstrapServers, properties: cooperative, startsByItself: false)
        try await second.consumer.subscribe(to: ["t"])
        try await second.wait("its share") { $0.held.count == 1 }
        #expect(await second.consumer.close(timeout: .seconds(10)))
        #expect(await member.consumer.close(timeout: .seconds(10)))
    }
}
