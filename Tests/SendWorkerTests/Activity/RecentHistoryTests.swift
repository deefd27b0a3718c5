import InstagramMessaging
import SendEngine
import Testing

@testable import SendWorker

@Suite struct RecentHistoryTests {
    private static let second: Int64 = 1_000_000_000
    private static let origin: Int64 = 7_000_000_000

    private func at(_ seconds: Int64) -> Int64 { Self.origin + seconds * Self.second }

    @Test func bucketsAreOldestFirstAndForgottenAfterFiveMinutes() {
        var history = RecentHistory(origin: Self.origin)
        history.record(EndedRequest.result(.sent), at: at(0))
        history.record(EndedRequest.result(.failed, category: .token), at: at(299))
        var buckets = history.buckets(at: at(299))
        #expect(buckets.count == 60)
        #expect(buckets[0].results == [.sent: 1])
        #expect(buckets[59].results == [.failed: 1] && buckets[59].categories == [.token: 1])
        buckets = history.buckets(at: at(300))
        #expect(buckets.reduce(0) { $0 + $1.ended } == 1)
        #expect(buckets[58].ended == 1)
        #expect(history.buckets(at: at(900)).allSatisfy { $0.ended == 0 })
    }

    @Test func aPlaceInTheRingIsUsedAnew() {
        var history = RecentHistory(origin: Self.origin)
        for second in 0..<1_000 as Range<Int64> { history.record(EndedRequest.result(.sent), at: at(second)) }
        #expect(history.buckets(at: at(999)).map(\.ended) == [Int](repeating: 5, count: 60))
    }

    @Test func whatIsToldTooLateIsLeftOut() {
        var history = RecentHistory(origin: Self.origin)
        history.record(.delivered, nanoseconds: 5, at: at(301))
        history.record(.delivered, nanoseconds: 5, at: at(1))
        #expect(history.buckets(at: at(301)).map(\.calls).reduce(0, +) == 1)
    }

    @Test func aCallThatWasNeverStartedHasNoDuration() {
        var history = RecentHistory(origin: Self.origin)
        history.record(.tokenDead, nanoseconds: nil, at: at(0))
        history.record(.delivered, nanoseconds: 3_000_000, at: at(0))
        let bucket = history.buckets(at: at(0))[59]
        #expect(bucket.outcomes == [.tokenDead: 1, .delivered: 1])
        #expect(bucket.callDuration.count == 1)
    }

    @Test func ratesCountTheLastTenSecondsAndWhatThereIsOfTheNewestBucket() {
        var history = RecentHistory(origin: Self.origin)
        for second in 0..<100 as Range<Int64> {
            for _ in 0..<4 { history.record(EndedRequest.result(.sent), at: at(second)) }
        }
        let summary = EndedRequest.summary(history, at: at(100))
        #expect(summary.resultsPerSecond == 4)
        let later = EndedRequest.summary(history, at: at(104))
        #expect(abs(later.resultsPerSecond - 40.0 / 14) < 0.01)
        #expect(EndedRequest.summary(history, at: at(140)).resultsPerSecond == 0)
    }

    @Test func aWorkerThatHasJustStartedIsNotSlow() {
        var history = RecentHistory(origin: Self.origin)
        for _ in 0..<10 { history.record(EndedRequest.result(.sent), at: at(1)) }
        #expect(EndedRequest.summary(history, at: at(2)).resultsPerSecond == 5)
    }

    @Test func latencyRunsFromTheKafkaTimestampToTheEnd() throws {
        var history = RecentHistory(origin: Self.origin)
        for taken in [10, 20, 4_000] as [Int64] {
            history.record(EndedRequest.result(.sent, milliseconds: taken), at: at(0))
        }
        let latency = EndedRequest.summary(history, at: at(1)).requestLatency
        #expect(latency.count == 3)
        #expect(abs(try #require(latency.p50) - 20_000) <= 600)
        #expect(abs(try #require(latency.p99) - 4_000_000) <= 120_000)
    }
}

/// Ends of requests for tests of what is shown of them.
enum EndedRequest {
    static func result(
        _ status: SendResult.Status,
        category: ErrorCategory? = nil,
        message: String = "It said no.",
        code: Int? = nil,
        milliseconds: Int64 = 5,
        offset: Int64 = 0
    ) -> SendResult {
        SendResult(
            requestID: "r\(offset)",
            accountID: "17",
            recipientID: "9",
            status: status,
            messageID: nil,
            attempts: 1,
            possibleDuplicate: false,
            error: category.map { SendError(category: $0, message: message, code: code, subcode: code.map { $0 + 1 }) },
            receivedAt: Timestamp(millisecondsSinceEpoch: 1_700_000_000_000),
            completedAt: Timestamp(millisecondsSinceEpoch: 1_700_000_000_000 + milliseconds),
            source: SendResult.Source(topic: "requests", partition: 3, offset: offset),
            context: nil
        )
    }

    static func summary(_ history: RecentHistory, at monotonic: Int64) -> ActivitySummary {
        ActivitySummary(
            history: history,
            deadLetters: RecentDeadLetters(),
            totals: [:],
            now: EngineTime(monotonic: monotonic, wall: Timestamp(millisecondsSinceEpoch: 1_700_000_000_000))
        )
    }
}
