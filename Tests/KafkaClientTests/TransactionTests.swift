import KafkaClient
import Testing

@Suite(.timeLimit(.minutes(1)))
struct TransactionTests {
    @Test func transactionsBeginCommitAndAbort() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 1)
        let producer = try KafkaProducer(configuration: KafkaConfiguration(broker), transactionalID: "x")
        try await producer.initTransactions(timeout: .seconds(10))
        try await producer.beginTransaction()
        let record = ProducerRecord(topic: "t", partition: 0, value: bytes("kept"))
        #expect(try await producer.publish([record])[0].get() == 0)
        try await producer.commitTransaction(timeout: .seconds(10))
        try await producer.beginTransaction()
        _ = await producer.publish([record])
        try await producer.abortTransaction(timeout: .seconds(10))
        await producer.close(timeout: .seconds(10))
    }

    @Test func offsetsGoWithTheTransaction() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 1)
        let member = try Member(broker.bootstrapServers)
        try await member.consumer.subscribe(to: ["t"])
        try await member.wait("the partition") { $0.held.count == 1 }
        let producer = try KafkaProducer(configuration: KafkaConfiguration(broker), transactionalID: "x")
        try await producer.initTransactions(timeout: .seconds(10))
        try await producer.beginTransaction()
        let (metadata, assignments) = try await member.consumer.membership()
        let partition = TopicPartition(topic: "t", partition: 0)
        #expect(assignments == [partition: try #require(member.seen.assignments.last?.epoch)])
        try await producer.sendOffsets([partition: 4], metadata: metadata, timeout: .seconds(10))
        try await producer.commitTransaction(timeout: .seconds(10))
        await producer.close(timeout: .seconds(10))
        #expect(await member.consumer.close(timeout: .seconds(10)))
    }

    @Test func aFencedProducerFailsForGood() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 1)
        let producer = try KafkaProducer(configuration: KafkaConfiguration(broker), transactionalID: "x")
        try await producer.initTransactions(timeout: .seconds(10))
        try await producer.beginTransaction()
        _ = await producer.publish([ProducerRecord(topic: "t", partition: 0, value: nil)])
        broker.pushErrors(.endTransaction, [KafkaError.Code.producerFenced])
        let error = await #expect(throws: KafkaError.self) {
            try await producer.commitTransaction(timeout: .seconds(10))
        }
        #expect(error?.isFatal == true && error?.isFenced == true)
        await producer.close(timeout: .seconds(5))
    }

    @Test func aRefusedPartitionAsksForAnAbortAndTheProducerGoesOnAfterIt() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 1)
        let producer = try KafkaProducer(configuration: KafkaConfiguration(broker), transactionalID: "x")
        try await producer.initTransactions(timeout: .seconds(10))
        try await producer.beginTransaction()
        // 29: the topic may not be written by this client.
        broker.pushErrors(.addPartitionsToTransaction, [29])
        let record = ProducerRecord(topic: "t", partition: 0, value: nil)
        async let refused = producer.publish([record])
        let results = await refused
        #expect(throws: KafkaError.self) { try results[0].get() }
        let error = await #expect(throws: KafkaError.self) {
            try await producer.commitTransaction(timeout: .seconds(10))
        }
        #expect(error?.requiresAbort == true && error?.isFatal == false)
        try await producer.abortTransaction(timeout: .seconds(10))
        try await producer.beginTransaction()
        _ = try await producer.publish([record])[0].get()
        try await producer.commitTransaction(timeout: .seconds(10))
        await producer.close(timeout: .seconds(10))
    }

    @Test func aTransactionalCallThatNobodyAnswersTimesOut() async throws {
        let broker = try EmbeddedBroker()
        try broker.setDown()
        let producer = try KafkaProducer(configuration: KafkaConfiguration(broker), transactionalID: "x")
        let error = await #expect(throws: KafkaError.self) {
            try await producer.initTransactions(timeout: .milliseconds(500))
        }
        #expect(error?.isTimeout == true && error?.isRetriable == true && error?.isFatal == false)
        await producer.close(timeout: .seconds(5))
    }

    @Test func aTransactionCallOnAnOrdinaryProducerSaysSo() async throws {
        let broker = try EmbeddedBroker()
        let producer = try KafkaProducer(configuration: KafkaConfiguration(broker))
        let error = await #expect(throws: KafkaError.self) { try await producer.beginTransaction() }
        #expect(error?.operation == "begin transaction" && error?.isFatal == false)
        await producer.close(timeout: .seconds(5))
    }
}
