import Telemetry
import Testing

@testable import SendWorker

@Suite struct TopicCheckTests {
    private let check = TopicCheck(
        topics: WorkerConfiguration.Topics(),
        logger: Logger.disabled,
        repetitions: RepetitionLimiter(interval: .seconds(30))
    )
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
}
