import KafkaClient
import Testing

@Suite(.timeLimit(.minutes(1)))
struct CommitTests {
    @Test func aNewMemberGoesOnWhereTheLastCommitted() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 2)
        try await publish(0..<10, to: "t", on: broker.bootstrapServers)
        let both = partitions("t", 0..<2)
        let first = try Member(broker.bootstrapServers)
        try await first.consumer.subscribe(to: ["t"])
        try await first.wait("the records") { $0.records.count == 10 }
        #expect(try await first.consumer.committedOffsets(both).isEmpty)
        try await first.consumer.commit([both[0]: 6])
        #expect(try await first.consumer.committedOffsets(both) == [both[0]: 6])
        #expect(await first.consumer.close(timeout: .seconds(10)))

        let second = try Member(broker.bootstrapServers)
        try await second.consumer.subscribe(to: ["t"])
        try await second.wait("the rest") { $0.records.count == 4 }
        #expect(second.seen.records.map(\.offset) == [6, 7, 8, 9])
        #expect(await second.consumer.close(timeout: .seconds(10)))
    }

    @Test func aPartitionOfSomebodyElseIsNotCommitted() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 1)
        let member = try Member(broker.bootstrapServers)
        try await member.consumer.subscribe(to: ["t"])
        try await member.wait("the partition") { $0.held.count == 1 }
        let foreign = TopicPartition(topic: "t", partition: 9)
        let error = await #expect(throws: KafkaError.self) { try await member.consumer.commit([foreign: 1]) }
        #expect(error?.isAssignmentLost == true)
        #expect(error?.message.contains("t[9]") == true)
        #expect(await member.consumer.close(timeout: .seconds(10)))
    }

    @Test func aRefusedCommitThrowsTheBrokersError() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 1)
        let member = try Member(broker.bootstrapServers)
        try await member.consumer.subscribe(to: ["t"])
        try await member.wait("the partition") { $0.held.count == 1 }
        // 30: the group may not be used by this client.
        broker.pushErrors(.offsetCommit, [30])
        let partition = TopicPartition(topic: "t", partition: 0)
        let error = await #expect(throws: KafkaError.self) { try await member.consumer.commit([partition: 1]) }
        #expect(error?.name == "GROUP_AUTHORIZATION_FAILED")
        #expect(await member.consumer.close(timeout: .seconds(10)))
    }

    @Test func aCommitThatNobodyAnswersTimesOutWhilePollingGoesOn() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 1)
        let member = try Member(broker.bootstrapServers)
        try await member.consumer.subscribe(to: ["t"])
        try await member.wait("the partition") { $0.held.count == 1 }
        try broker.setDown()
        let partition = TopicPartition(topic: "t", partition: 0)
        let error = await #expect(throws: KafkaError.self) {
            try await member.consumer.commit([partition: 1], timeout: .milliseconds(300))
        }
        #expect(error?.isTimeout == true)
        try await member.wait("the outage") { $0.downs == 1 }
        await member.consumer.close(timeout: .seconds(2))
    }

    @Test func aCommitWaitsForTheEndOfARebalance() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 4)
        let first = try Member(broker.bootstrapServers, startsByItself: false)
        try await first.consumer.subscribe(to: ["t"])
        try await first.wait("an assignment") { $0.held.count == 4 }
        try await first.consumer.startFetching(partitions("t", 0..<4).map { ($0, from: 0) })
        let second = try Member(broker.bootstrapServers)
        try await second.consumer.subscribe(to: ["t"])
        try await second.wait("its half") { $0.held.count == 2 }
        // The second leaves; what comes back to the first has not been started, so the rebalance is still open.
        #expect(await second.consumer.close(timeout: .seconds(10)))
        try await first.wait("all partitions again", atMost: .seconds(30)) { $0.held.count == 4 }
        let returned = try #require(first.seen.assignments.last?.partitions)
        let kept = try #require(partitions("t", 0..<4).first { !returned.contains($0) })
        let error = await #expect(throws: KafkaError.self) {
            try await first.consumer.commit([kept: 3], timeout: .milliseconds(300))
        }
        #expect(error?.isTimeout == true)
        async let commit: Void = first.consumer.commit([kept: 5])
        try await first.consumer.startFetching(returned.map { ($0, from: 0) })
        try await commit
        #expect(try await first.consumer.committedOffsets([kept]) == [kept: 5])
        #expect(await first.consumer.close(timeout: .seconds(10)))
    }

    @Test func whatIsCommittedBesideAnOffsetIsReadBack() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 2)
        let both = partitions("t", 0..<2)
        let silent = try Member(broker.bootstrapServers)
        try await silent.consumer.subscribe(to: ["t"])
        try await silent.wait("an assignment") { $0.held.count == 2 }
        try await silent.consumer.commit([both[1]: 3])
        #expect(await silent.consumer.close(timeout: .seconds(10)))

        let member = try Member(broker.bootstrapServers, offsetMetadata: "worker/1 ü")
        try await member.consumer.subscribe(to: ["t"])
        try await member.wait("an assignment") { $0.held.count == 2 }
        try await member.consumer.commit([both[0]: 6])
        #expect(
            try await member.consumer.committed(both) == [
                both[0]: CommittedOffset(offset: 6, metadata: "worker/1 ü"), both[1]: CommittedOffset(offset: 3),
            ]
        )
        #expect(await member.consumer.close(timeout: .seconds(10)))
    }
}
