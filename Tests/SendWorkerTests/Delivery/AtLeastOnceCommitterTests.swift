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
            var pauses = 0
            var lost: Set<TopicPartition> = []
        }

        let state = Mutex(State())
        let answer: @Sendable (ProducerRecord, _ round: Int) -> KafkaError?
        let commitError: KafkaError?
        /// What is not held any more.
        var lost: Set<TopicPartition> { state.withLock { $0.lost } }

        init(
            commitError: KafkaError? = nil,
            answer: @escaping @Sendable (ProducerRecord, _ round: Int) -> KafkaError? = { _, _ in nil }
        ) {
            self.commitError = commitError
            self.answer = answer
        }

        var committer: AtLeastOnceCommitter {
            AtLeastOnceCommitter(
                records: TerminalRecords(resultsTopic: "results", deadLettersTopic: "dead-letters"),
                stateTopic: StateTopic(name: "state"),
                publish: { records in
                    let round = self.state.withLock { state in
                        state.published.append(records)
                        return state.published.count
                    }
                    return records.map { record in self.answer(record, round).map { .failure($0) } ?? .success(0) }
                },
                commitOffsets: { offsets in
                    self.state.withLock { $0.committed.append(offsets) }
                    if let error = self.commitError { throw error }
                },
                stillHeld: { epochs in Set(epochs.keys).subtracting(self.lost) },
                pause: { _ in self.state.withLock { $0.pauses += 1 } },
                logger: Logger.disabled,
                repetitions: RepetitionLimiter(interval: .seconds(30))
            )
        }
    }

    private static let partition = TopicPartition(topic: "requests", partition: 2)

    private static func error(_ name: String, isFatal: Bool = false) -> KafkaError {
        let code: Int32 = name == "MSG_SIZE_TOO_LARGE" ? 10 : -195
        return KafkaError(code: code, name: name, message: name, operation: "produce", isFatal: isFatal)
    }

    private static func ending(_ offset: Int64, _ status: SendResult.Status) -> Delivery.Ending {
        let record = KafkaRecord(
            topic: "requests",
            partition: 2,
            offset: offset,
            timestamp: 1_700_000_000_000,
            key: Array("1".utf8),
            value: Array("{\(offset)}".utf8),
            headers: [KafkaHeader(name: "traceparent", value: Array("00-1".utf8))]
        )
        let held = HeldRecord(record: record, requestID: "r\(offset)", accountID: "1")
        let termination = TerminationFixture.make(status)
        let records = TerminalRecords(resultsTopic: "results", deadLettersTopic: "dead-letters")
        return Delivery.Ending(result: records.result(for: held, ended: termination), held: held)
    }

    private static func delivery(_ endings: [Delivery.Ending]) -> Delivery {
        Delivery(number: 1, endings: endings, offsets: [partition: 9], ledgers: [2: [1, 2, 3]])
    }

    @Test func resultsDeadLettersAndLedgersArePublishedBeforeOffsetsAreCommitted() async throws {
        let broker = Broker()
        let outcome = try await broker.committer.commit(
            Self.delivery([Self.ending(7, .sent), Self.ending(8, .failed)])
        )
        #expect(outcome == .committed)
        let state = broker.state.withLock { $0 }
        #expect(state.published.map { $0.map(\.topic) } == [["results", "dead-letters", "results"], ["state"]])
        #expect(state.committed == [[Self.partition: 9]])
    }

    @Test func memoriesOfAccountsArePublishedWithTheLedgerBeforeOffsetsAreCommitted() async throws {
        let broker = Broker { record, round in
            record.topic == "state" && round < 3 ? Self.error("_MSG_TIMED_OUT") : nil
        }
        var delivery = Self.delivery([])
        delivery.accounts = [
            CommitBatch.AccountState(partition: 2, epoch: 1, accountID: "7", memory: [1]),
            CommitBatch.AccountState(partition: 2, epoch: 1, accountID: "8", memory: nil),
        ]
        #expect(try await broker.committer.commit(delivery) == .committed)
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
        broker.state.withLock { $0.lost = [Self.partition] }
        let other = TopicPartition(topic: "requests", partition: 3)
        var delivery = Self.delivery([Self.ending(7, .sent)])
        delivery.offsets[other] = 4
        delivery.ledgers[3] = [4]
        delivery.epochs = [Self.partition: 1, other: 2]
        delivery.accounts = [CommitBatch.AccountState(partition: 2, epoch: 1, accountID: "7", memory: [1])]
        #expect(try await broker.committer.commit(delivery) == .committed)
        let state = broker.state.withLock { $0 }
        #expect(state.published.map { $0.map(\.topic) } == [["results"], ["state"]])
        #expect(state.published.last?.map(\.partition) == [3])
        #expect(state.committed == [[other: 4]])
    }

    @Test func onlyWhatFailedIsPublishedAgain() async throws {
        let broker = Broker { record, round in
            record.topic == "dead-letters" && round < 3 ? Self.error("_MSG_TIMED_OUT") : nil
        }
        _ = try await broker.committer.commit(Self.delivery([Self.ending(7, .sent), Self.ending(8, .failed)]))
        let state = broker.state.withLock { $0 }
        #expect(state.published.map(\.count) == [3, 1, 1, 1])
        #expect(state.pauses == 2)
        #expect(state.committed.count == 1)
    }

    @Test func aDeadLetterThatIsTooLargeGoesWithoutItsBytes() async throws {
        let broker = Broker { record, _ in
            record.topic == "dead-letters" && record.value != nil ? Self.error("MSG_SIZE_TOO_LARGE") : nil
        }
        _ = try await broker.committer.commit(Self.delivery([Self.ending(8, .failed)]))
        let last = broker.state.withLock { $0.published[1] }
        #expect(last.count == 1)
        #expect(last.first?.value == nil)
        #expect(last.first?.headers.contains { $0.name == "dlq-source-offset" } == true)
    }

    @Test func offsetsThatCannotBeCommittedAreOwed() async throws {
        let broker = Broker(commitError: Self.error("_TRANSPORT"))
        #expect(try await broker.committer.commit(Self.delivery([Self.ending(7, .sent)])) == .offsetsOwed)
    }

    @Test func aFatalErrorEndsTheWork() async {
        let broker = Broker { _, _ in Self.error("_FATAL", isFatal: true) }
        await #expect(throws: CommitError.self) {
            _ = try await broker.committer.commit(Self.delivery([Self.ending(7, .sent)]))
        }
        #expect(broker.state.withLock { $0.committed }.isEmpty)
    }
}
