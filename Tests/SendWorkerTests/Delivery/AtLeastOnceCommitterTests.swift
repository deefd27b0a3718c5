import Foundation
import InstagramMessaging
import KafkaClient
import SendEngine
import Synchronization
import Telemetry
import Testing

@testable import SendWorker

@Suite(.timeLimit(.minutes(1)))
struct AtLeastOnceCommitterTests {
    /// A broker as the committer sees it: what it answers to each publish, and what it was given.
    private final class Broker: Sendable {
        struct State {
            var published: [[ProducerRecord]] = []
            var committed: [[TopicPartition: Int64]] = []
            var batchSizes: [Int] = []
            var substituted: [String] = []
            /// What the consumer owns.
            var assignments: [Int32: UInt64] = [2: 1, 3: 2]
        }

        let state = Mutex(State())
        let answer: @Sendable (ProducerRecord, _ round: Int) -> KafkaError?
        let commitError: KafkaError?
        /// What the topics say that they take.
        let limits: [String: Int]

        init(
            commitError: KafkaError? = nil,
            limits: [String: Int] = [:],
            answer: @escaping @Sendable (ProducerRecord, _ round: Int) -> KafkaError? = { _, _ in nil }
        ) {
            self.commitError = commitError
            self.limits = limits
            self.answer = answer
        }

        var committer: AtLeastOnceCommitter {
            AtLeastOnceCommitter(
                ports: AtLeastOnceCommitter.Ports(
                    publish: { records, batchSize in
                        let round = self.state.withLock { state in
                            state.published.append(records)
                            state.batchSizes.append(batchSize)
                            return state.published.count
                        }
                        return records.map { record in
                            self.answer(record, round).map { .failure($0) } ?? .success(0)
                        }
                    },
                    commitOffsets: { offsets in
                        self.state.withLock { $0.committed.append(offsets) }
                        if let error = self.commitError { throw error }
                    },
                    assignments: { self.state.withLock(\.assignments) },
                    readLimits: { self.limits },
                    substituted: { topic in self.state.withLock { $0.substituted.append(topic) } }
                ),
                largestMessage: 16_777_216,
                names: CommitNames(
                    requests: "requests",
                    results: "results",
                    deadLetters: "dead-letters",
                    state: "state",
                    group: "workers"
                ),
                records: TerminalRecords(resultsTopic: "results", deadLettersTopic: "dead-letters"),
                stateTopic: StateTopic(name: "state"),
                logger: Logger.disabled,
                repetitions: RepetitionLimiter(interval: .seconds(30))
            )
        }
    }

    private static let partition = TopicPartition(topic: "requests", partition: 2)

    private static let codes: [String: Int32] = [
        "MSG_SIZE_TOO_LARGE": 10, "TOPIC_AUTHORIZATION_FAILED": 29, "ILLEGAL_GENERATION": 22, "UNKNOWN_MEMBER_ID": 25,
    ]

    private static func error(_ name: String, isFatal: Bool = false) -> KafkaError {
        let code: Int32 = Self.codes[name] ?? -195
        return KafkaError(code: code, name: name, message: name, operation: "produce", isFatal: isFatal)
    }

    /// Tries a delivery until it is durable, as the loop does.
    private static func commitAll(_ delivery: Delivery, with committer: AtLeastOnceCommitter) async throws {
        while try await committer.commit(delivery) == .nothing {}
    }

    private static func ending(
        _ offset: Int64,
        _ status: SendResult.Status,
        bytes: Int = 0
    ) -> Delivery.Entry {
        let record = KafkaRecord(
            topic: "requests",
            partition: 2,
            offset: offset,
            timestamp: 1_700_000_000_000,
            key: Array("1".utf8),
            value: Array("{\(offset)}".utf8) + [UInt8](repeating: 1, count: bytes),
            headers: [KafkaHeader(name: "traceparent", value: Array("00-1".utf8))]
        )
        let pending = PendingRequest(record: record, requestID: "r\(offset)", accountID: "1")
        let end = RequestEndFixture.make(status)
        let records = TerminalRecords(resultsTopic: "results", deadLettersTopic: "dead-letters")
        return Delivery.Entry(result: records.result(for: pending, ended: end), pending: pending)
    }

    private static func delivery(_ entries: [Delivery.Entry]) -> Delivery {
        Delivery(
            entries: entries,
            offsets: [partition.partition: 9],
            ledgers: [2: [1, 2, 3]],
            epochs: [partition.partition: 1]
        )
    }

    @Test func resultsDeadLettersAndLedgersArePublishedBeforeOffsetsAreCommitted() async throws {
        let broker = Broker()
        let outcome = try await broker.committer.commit(
            Self.delivery([Self.ending(7, .sent), Self.ending(8, .failed)])
        )
        #expect(outcome == .committed)
        let state = broker.state.withLock { $0 }
        #expect(state.published.map { $0.map(\.topic) } == [["dead-letters"], ["results", "results"], ["state"]])
        #expect(state.committed == [[Self.partition: 9]])
    }

    @Test func memoriesOfAccountsArePublishedWithTheLedgerBeforeOffsetsAreCommitted() async throws {
        let broker = Broker { record, round in
            record.topic == "state" && round < 3 ? Self.error("_MSG_TIMED_OUT") : nil
        }
        var delivery = Self.delivery([])
        delivery.commit.accounts = [
            CommitBatch.AccountState(partition: 2, epoch: 1, accountID: "7", memory: [1]),
            CommitBatch.AccountState(partition: 2, epoch: 1, accountID: "8", memory: nil),
        ]
        try await Self.commitAll(delivery, with: broker.committer)
        let state = broker.state.withLock { $0 }
        #expect(state.published.map(\.count) == [3, 3, 3])
        #expect(
            state.published.last?.map { $0.key.map { String(decoding: $0, as: UTF8.self) } } == [
                "account:7", "account:8", "ledger",
            ]
        )
        #expect(state.published.last?.map(\.value) == [[1], nil, [1, 2, 3]])
        #expect(state.committed.count == 1)
    }

    @Test func `state and offsets of a partition that was lost meanwhile are left to its new owner`() async throws {
        let broker = Broker()
        broker.state.withLock { $0.assignments[2] = nil }
        let other = TopicPartition(topic: "requests", partition: 3)
        var delivery = Self.delivery([Self.ending(7, .sent)])
        delivery.commit.offsets[3] = 4
        delivery.commit.ledgers[3] = [4]
        delivery.commit.epochs = [2: 1, 3: 2]
        delivery.commit.accounts = [CommitBatch.AccountState(partition: 2, epoch: 1, accountID: "7", memory: [1])]
        #expect(try await broker.committer.commit(delivery) == .committed)
        let state = broker.state.withLock { $0 }
        #expect(state.published.map { $0.map(\.topic) } == [["results"], ["state"]])
        #expect(state.published.last?.map(\.partition) == [3])
        #expect(state.committed == [[other: 4]])
    }

    @Test func onlyWhatFailedIsPublishedAgain() async throws {
        let broker = Broker { record, round in
            record.tells("r8") && round < 3 ? Self.error("_MSG_TIMED_OUT") : nil
        }
        let delivery = Self.delivery([Self.ending(7, .sent), Self.ending(8, .sent)])
        try await Self.commitAll(delivery, with: broker.committer)
        let state = broker.state.withLock { $0 }
        #expect(state.published.map(\.count) == [2, 1, 1, 1])
        #expect(state.committed.count == 1)
    }

    @Test func `no result says that a message was not sent before its dead letter is written`() async throws {
        let broker = Broker { record, round in
            record.topic == "dead-letters" && round < 3 ? Self.error("_MSG_TIMED_OUT") : nil
        }
        try await Self.commitAll(
            Self.delivery([Self.ending(7, .sent), Self.ending(8, .failed)]),
            with: broker.committer
        )
        let topics = broker.state.withLock { $0.published.map { $0.map(\.topic) } }
        #expect(topics == [["dead-letters"], ["dead-letters"], ["dead-letters"], ["results", "results"], ["state"]])
    }

    @Test func whatWasPublishedForAnEarlierAssignmentIsPublishedAnew() async throws {
        let broker = Broker { record, round in
            record.tells("r8") && round == 1 ? Self.error("_MSG_TIMED_OUT") : nil
        }
        var delivery = Self.delivery([Self.ending(7, .sent), Self.ending(8, .sent)])
        let committer = broker.committer
        #expect(try await committer.commit(delivery) == .nothing)
        broker.state.withLock { $0.assignments[2] = 2 }
        delivery.commit.epochs = [2: 2]
        #expect(try await committer.commit(delivery) == .committed)
        #expect(broker.state.withLock { $0.published.map(\.count) } == [2, 2, 1])
    }

    @Test func aDeadLetterIsMadeToFitIntoWhatItsTopicSaysThatItTakes() async throws {
        let broker = Broker(limits: ["dead-letters": 20_000])
        _ = try await broker.committer.commit(Self.delivery([Self.ending(8, .failed, bytes: 50_000)]))
        let state = broker.state.withLock { $0 }
        let letter = try #require(state.published.first?.first)
        #expect(letter.batchSize <= 20_000 && (letter.value?.count ?? 0) > 18_000)
        #expect(letter.headers.contains { $0.name == DeadLetterHeaders.omittedBytes })
        #expect(state.substituted == ["dead-letters"])
        #expect(state.batchSizes.allSatisfy { $0 == 20_000 }, "and no batch is larger")
    }

    @Test func whatATopicRefusesIsMadeSmallerUntilItIsTaken() async throws {
        let broker = Broker { record, _ in
            record.topic == "dead-letters" && record.batchSize > 9_000 ? Self.error("MSG_SIZE_TOO_LARGE") : nil
        }
        try await Self.commitAll(
            Self.delivery([Self.ending(7, .sent), Self.ending(8, .failed, bytes: 50_000)]),
            with: broker.committer
        )
        let state = broker.state.withLock { $0 }
        let letters = state.published.joined().filter { $0.topic == "dead-letters" }
        #expect(letters.last.map { (4_000...9_000).contains($0.batchSize) } ?? false)
        #expect(letters.last?.headers.contains { $0.name == "dlq-source-offset" } == true)
        #expect(state.published.joined().filter { $0.topic == "results" }.count == 2, "others once")
        #expect(state.committed.count == 1)
    }

    @Test func aRightThatIsMissingIsNamedWithTheTopicAndEndsTheWork() async {
        let broker = Broker { record, _ in
            record.tells("r8") ? Self.error("TOPIC_AUTHORIZATION_FAILED") : Self.error("_MSG_TIMED_OUT")
        }
        let error = await #expect(throws: CommitError.self) {
            _ = try await broker.committer.commit(
                Self.delivery([Self.ending(7, .sent), Self.ending(8, .sent), Self.ending(9, .sent)])
            )
        }
        #expect(error?.description.contains("the ACL that allows Write on topic results is missing") ?? false)
        #expect(error?.description.contains("kafka-acls.sh") ?? false)
    }

    @Test func offsetsThatCannotBeCommittedAreOwed() async throws {
        let broker = Broker(commitError: Self.error("_TRANSPORT"))
        #expect(try await broker.committer.commit(Self.delivery([Self.ending(7, .sent)])) == .offsetsPending)
    }

    @Test(arguments: ["UNKNOWN_MEMBER_ID", "ILLEGAL_GENERATION"])
    func offsetsThatTheGroupRefusesAreToldApart(name: String) async throws {
        let broker = Broker(commitError: Self.error(name))
        #expect(try await broker.committer.commit(Self.delivery([Self.ending(7, .sent)])) == .offsetsRefused)
    }

    @Test func whatIsHandedOverIsEncodedWrittenAndReportedOnOneThread() async throws {
        let threads = Mutex<Set<ObjectIdentifier>>([])
        let note: @Sendable () -> Void = {
            threads.withLock { _ = $0.insert(ObjectIdentifier(Thread.current)) }
        }
        let broker = Broker { _, _ in
            note()
            return nil
        }
        let committer = broker.committer
        for offset in 1...5 as ClosedRange<Int64> {
            let outcome = await withCheckedContinuation { continuation in
                committer.start(Self.delivery([Self.ending(offset, .sent)])) { result in
                    note()
                    continuation.resume(returning: try? result.get())
                }
            }
            #expect(outcome == .committed)
        }
        #expect(threads.withLock { $0.count } == 1)
        #expect(broker.state.withLock { $0.committed.count } == 5)
    }

    @Test func aFatalErrorEndsTheWork() async {
        let broker = Broker { _, _ in Self.error("_FATAL", isFatal: true) }
        await #expect(throws: CommitError.self) {
            _ = try await broker.committer.commit(Self.delivery([Self.ending(7, .sent)]))
        }
        #expect(broker.state.withLock { $0.committed }.isEmpty)
    }
}

extension ProducerRecord {
    /// Whether it tells of the request with an id.
    fileprivate func tells(_ requestID: String) -> Bool {
        value.map { String(decoding: $0, as: UTF8.self).contains("\"\(requestID)\"") } ?? false
    }
}
