import KafkaClient
import Synchronization
import Telemetry
import Testing

@testable import SendWorker

@Suite struct ConsumerEventRouterTests {
    private let recorder = LogRecorder()
    private let misfits = Tally()

    private func router(fatal: @escaping @Sendable (KafkaError) -> Void = { _ in }) -> ConsumerEventRouter {
        ConsumerEventRouter(
            intake: Intake(configuration: WorkerConfiguration()),
            requestsTopic: "requests",
            placement: PlacementWatch(
                topic: "requests",
                logger: recorder.logger(),
                repetitions: RepetitionLimiter(interval: .seconds(30)),
                count: {}
            ),
            clock: .system,
            logger: recorder.logger(),
            repetitions: RepetitionLimiter(interval: .seconds(30), now: { .zero }),
            post: { _ in },
            onConnection: { _ in },
            missingRight: { MissingRight($0, "Read", on: .group("g")) },
            onMisfit: { [misfits] in misfits.count.withLock { $0 += 1 } },
            onStatistics: { _ in },
            onFatal: fatal
        )
    }

    private final class Tally: Sendable {
        let count = Mutex(0)
    }

    @Test func aLossIsLoggedWithLibrdkafkasReason() {
        let partition = [TopicPartition(topic: "requests", partition: 3)]
        router().take(.lost(partition, .group("OffsetCommit error: Illegal generation")))
        #expect(recorder.count(of: "partitions lost") == 1)
        #expect(recorder.count(of: "OffsetCommit error: Illegal generation") == 1)
        #expect(recorder.count(of: "(session time-out)") == 0)
    }

    @Test func partitionsThatAreTakenBackBeforeTheyBeganAreNoError() {
        router().take(.lost([TopicPartition(topic: "requests", partition: 3)], .takenBack))
        #expect(recorder.count(of: "partitions lost") == 0)
    }

    @Test func whatGoesOnAndOnIsNotLoggedEachTime() {
        let router = router()
        let partition = [TopicPartition(topic: "requests", partition: 3)]
        let trouble = KafkaError(code: 15, name: "X", message: "again", operation: "client")
        for _ in 0..<50 {
            router.take(.lost(partition, .group("session timed out")))
            router.take(.brokersDown(trouble))
            router.take(.brokersUp)
            router.take(.failure(trouble))
        }
        for line in ["partitions lost", "no Kafka broker", "Kafka is back", "the consumer reports"] {
            #expect(recorder.count(of: line) == 1, "\(line)")
        }
    }

    @Test func aRightThatIsMissingIsNamedWithTheCommandThatAddsIt() {
        let code = KafkaError.Code.groupAuthorization
        router().take(.failure(KafkaError(code: code, name: "X", message: "no", operation: "client")))
        #expect(recorder.count(of: "the ACL that allows Read on group g is missing") == 1)
        #expect(recorder.count(of: "--operation Read --group g") == 1)
    }

    @Test func aGroupThatDoesNotLetItInIsReportedOnceUntilItDoes() {
        let router = router()
        let code = KafkaError.Code.inconsistentGroupProtocol
        let refusal = KafkaError(code: code, name: "X", message: "no", operation: "client")
        for _ in 0..<20 { router.take(.failure(refusal)) }
        #expect(misfits.count.withLock { $0 } == 1)
        router.take(.assigned([TopicPartition(topic: "requests", partition: 0)], epoch: 1))
        router.take(.failure(refusal))
        #expect(misfits.count.withLock { $0 } == 2)
        #expect(recorder.count(of: "reports a problem") == 0)
    }
}
