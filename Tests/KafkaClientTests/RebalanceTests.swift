import KafkaClient
import Testing

@Suite(.timeLimit(.minutes(1)))
struct RebalanceTests {
    /// On the broker that `KAFKA_BOOTSTRAP_SERVERS` names, or else on the embedded one.
    @Test(arguments: ["cooperative-sticky", "range"])
    func partitionsMoveToASecondMemberOnlyWhenTheFirstIsDoneWithThem(_ strategy: String) async throws {
        let topic = "kafka-client-tests-\(UInt32.random(in: 0...UInt32.max))"
        guard externalServers.isEmpty else {
            let admin = try KafkaAdmin(configuration: KafkaConfiguration(bootstrapServers: externalServers))
            let specification = TopicSpecification(name: topic, partitions: 4, replicationFactor: 1)
            #expect(try await admin.createTopics([specification]) == [topic: .created])
            await admin.close()
            return try await handOver(strategy, topic: topic, on: externalServers)
        }
        // On a busy machine the embedded broker now and then closes a rebalance without the member that gives up, and never
        // lets it in again; and it refuses commits in the middle of a rebalance, where Kafka takes them. Only the time-out and
        // that refusal are excused; what is seen must be right all the same.
        try await withKnownIssue("the embedded broker left a member out, or took no commit", isIntermittent: true) {
            let broker = try EmbeddedBroker()
            try broker.createTopic(topic, partitions: 4)
            try await handOver(strategy, topic: topic, on: broker.bootstrapServers)
        } when: {
            true
        } matching: {
            $0.error is Member.Timeout || ($0.error as? KafkaError)?.code == KafkaError.Code.rebalanceInProgress
        }
    }

    private func handOver(_ strategy: String, topic: String, on servers: String) async throws {
        let properties = [(name: "partition.assignment.strategy", value: strategy)]
        let first = try Member(servers, group: topic, properties: properties, releasesByItself: false)
        try await first.consumer.subscribe(to: [topic])
        try await first.wait("all partitions") { $0.held.count == 4 }

        let second = try Member(servers, group: topic, properties: properties)
        try await second.consumer.subscribe(to: [topic])
        try await first.wait("a revocation") { !$0.revocations.isEmpty }
        #expect(second.seen.held.isEmpty)

        let revoked = first.seen.revocations.flatMap(\.self)
        #expect(revoked.count == (strategy == "range" ? 4 : 2))
        // The embedded broker always refuses it in the middle of an eager one.
        if strategy != "range" || servers == externalServers { try await first.consumer.commit([revoked[0]: 0]) }
        // Piece by piece: only the last piece gives them up.
        try await first.consumer.finishRevoke([revoked[0]])
        try await first.consumer.finishRevoke(Array(revoked.dropFirst()))
        try await second.wait("its half") { $0.held.count == 2 }
        try await first.wait("the other half") { $0.held.count == 2 }
        #expect(first.seen.held.isDisjoint(with: second.seen.held))
        #expect(first.seen.losses.isEmpty && first.seen.failures.isEmpty)
        let epochs = first.seen.assignments.map(\.epoch)
        #expect(epochs == epochs.sorted() && Set(epochs).count == epochs.count)

        // Each partition is read by its owner, from the start.
        for number in 0..<4 as Range<Int32> {
            try await publish(0..<3, to: topic, partition: number, on: servers)
        }
        try await first.wait("its records") { $0.records.count == 6 }
        try await second.wait("its records") { $0.records.count == 6 }
        async let left = first.consumer.close(timeout: .seconds(15))
        try await first.wait("the last revocation") { $0.held.isEmpty }
        try await first.consumer.finishRevoke(partitions(topic, 0..<4))
        #expect(await left)
        try await second.wait("all partitions", atMost: .seconds(30)) { $0.held.count == 4 }
        #expect(await second.consumer.close(timeout: .seconds(10)))
    }

    @Test func fetchingBeginsWhereTheApplicationSaysAndNotBefore() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 2)
        try await publish(0..<10, to: "t", partition: 0, on: broker.bootstrapServers)
        try await publish(0..<10, to: "t", partition: 1, on: broker.bootstrapServers)
        let member = try Member(broker.bootstrapServers, startsByItself: false)
        try await member.consumer.subscribe(to: ["t"])
        try await member.wait("an assignment") { $0.held.count == 2 }
        let epoch = try #require(member.seen.assignments.last?.epoch)
        let both = partitions("t", 0..<2)
        #expect(try await member.consumer.startFetching([(both[0], from: 7)], epoch: epoch))
        #expect(member.seen.records.isEmpty)
        #expect(try await !member.consumer.startFetching([(both[1], from: 0)], epoch: epoch + 1))
        #expect(try await member.consumer.startFetching([(both[1], from: nil)], epoch: epoch))
        try await member.wait("3 and 10 records") { $0.records.count == 13 }
        #expect(member.seen.records.filter { $0.partition == 0 }.map(\.offset) == [7, 8, 9])
        #expect(try await !member.consumer.startFetching([(both[0], from: 0)]))
        #expect(await member.consumer.close(timeout: .seconds(10)))
    }

    @Test func anEmptyAssignmentIsToldAndNeedsNoAnswer() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 1)
        let first = try Member(broker.bootstrapServers)
        let second = try Member(broker.bootstrapServers)
        try await first.consumer.subscribe(to: ["t"])
        try await first.wait("the partition") { $0.held.count == 1 }
        try await second.consumer.subscribe(to: ["t"])
        try await second.wait("an assignment") { !$0.assignments.isEmpty }
        #expect(second.seen.held.isEmpty && first.seen.held.count == 1)
        #expect(await first.consumer.close(timeout: .seconds(10)))
        try await second.wait("the partition", atMost: .seconds(30)) { $0.held.count == 1 }
        #expect(await second.consumer.close(timeout: .seconds(10)))
    }

    @Test func anAssignmentTakenBackByTheGroupIsLost() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 2)
        let member = try Member(broker.bootstrapServers)
        try await member.consumer.subscribe(to: ["t"])
        try await member.wait("the partitions") { $0.held.count == 2 }
        broker.pushErrors(.heartbeat, [KafkaError.Code.unknownMember])
        try await member.wait("the loss") { $0.losses.flatMap(\.self).count == 2 }
        try await member.wait("a new assignment") { $0.held.count == 2 && $0.assignments.count > 1 }
        #expect(member.seen.revocations.isEmpty)
        // The broker said that it does not know the member: nothing timed out here.
        #expect(member.seen.lossCauses.allSatisfy { $0.words?.contains("member-id") == true }, "\(member.seen)")
        #expect(await member.consumer.close(timeout: .seconds(10)))
    }

    @Test func aMemberThatIsHeardOfNoMoreLosesItsPartitionsByTheSessionsTimeOut() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 1)
        let member = try Member(broker.bootstrapServers)
        try await member.consumer.subscribe(to: ["t"])
        try await member.wait("the partition") { $0.held.count == 1 }
        // 15: the coordinator is not available.
        broker.pushErrors(.heartbeat, Array(repeating: 15, count: 1_000))
        try await member.wait("the loss") { !$0.losses.isEmpty }
        #expect(member.seen.lossCauses.first?.words?.contains("session timed out") == true, "\(member.seen)")
        #expect(await member.consumer.close(timeout: .seconds(10)))
    }

    @Test func debugLinesThatTheUserHasNotAskedForAreNotPassedOn() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 1)
        for (debug, isWanted) in [("", false), ("topic", true)] {
            let (lines, sink) = AsyncStream<KafkaLogLine>.makeStream()
            let member = try Member(
                broker.bootstrapServers,
                properties: debug.isEmpty ? [] : [("debug", debug)],
                onLog: { sink.yield($0) }
            )
            try await member.consumer.subscribe(to: ["t"])
            try await member.wait("the partition") { $0.held.count == 1 }
            #expect(await member.consumer.close(timeout: .seconds(10)))
            sink.finish()
            var debugLines = 0
            for await line in lines where line.level == 7 { debugLines += 1 }
            #expect((debugLines > 0) == isWanted)
        }
    }
}

extension LossCause {
    /// The reason that librdkafka gave.
    fileprivate var words: String? {
        if case .group(let words) = self { words } else { nil }
    }
}
