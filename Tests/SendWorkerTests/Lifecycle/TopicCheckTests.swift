import Telemetry
import Testing

@testable import SendWorker

@Suite struct TopicCheckTests {
    private let recorder = LogRecorder()
    private var check: TopicCheck {
        TopicCheck(
            topics: WorkerConfiguration.Topics(),
            outstanding: 10_000,
            logger: recorder.logger(),
            repetitions: RepetitionLimiter(interval: .seconds(30))
        )
    }
    private let all = [
        "instagram.send.requests": 6, "instagram.send.results": 3, "instagram.send.dead-letters": 1,
        "instagram.send.state": 6,
    ]

    @Test func topicsThatFitPass() throws {
        try check.check(all)
    }

    @Test func aMissingTopicIsNamedWithTheCommandThatCreatesIt() {
        var counts: [String: Int?] = all
        counts["instagram.send.results"] = .some(nil)
        let failure = #expect(throws: WorkerFailure.self) { try check.check(counts) }
        #expect(failure?.kind == .configuration)
        #expect(failure?.description.contains("instagram.send.results") == true)
        #expect(failure?.description.contains("send-worker topics create") == true)
    }

    @Test func aStateTopicOfAnotherSizeIsRefused() {
        var counts: [String: Int?] = all
        counts["instagram.send.state"] = 5
        let failure = #expect(throws: WorkerFailure.self) { try check.check(counts) }
        #expect(failure?.description.contains("5 partitions") == true)
        #expect(failure?.description.contains("--partitions 6") == true)
    }

    @Test(arguments: ["instagram.send.results", "instagram.send.dead-letters", "instagram.send.state"])
    func aTopicThatTakesNotEvenTheSmallestRecordIsRefused(topic: String) throws {
        let failure = #expect(throws: WorkerFailure.self) { try check.check(limits: [topic: 1_199]) }
        #expect(failure?.kind == .configuration)
        #expect(failure?.description.contains("\(topic) takes batches of 1199 bytes") == true)
        #expect(failure?.description.contains("max.message.bytes=1048588") == true)
        try check.check(limits: [topic: 1_200])
    }

    @Test func aStateTopicThatMayBeTooSmallForALedgerIsTold() throws {
        try check.check(limits: ["instagram.send.state": 1_048_588, "instagram.send.results": 20_000])
        #expect(recorder.lines.isEmpty)
        try check.check(limits: ["instagram.send.state": 20_000])
        #expect(recorder.lines.count == 1 && recorder.count(of: "worker.maxOutstandingPerPartition") == 1)
    }
}
