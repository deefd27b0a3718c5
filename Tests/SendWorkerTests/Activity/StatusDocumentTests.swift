import Foundation
import InstagramMessaging
import SendEngine
import Synchronization
import Testing

@testable import SendWorker

/// The JSON behind the status page, read with Foundation's decoder.
@Suite(.timeLimit(.minutes(1)))
struct StatusDocumentTests {
    private struct Document: Decodable {
        struct Account: Decodable {
            var accountId: String
            var state: String
            var waiting: Int
            var cause: String?
            var nextDue: String?
        }

        struct WaitingAccounts: Decodable {
            var asOf: String
            var shown: [Account]
        }

        struct PartitionState: Decodable, Equatable {
            var partition: Int
            var state: String
            var outstanding: Int
            var committed: Int?
            var lag: Int?
        }

        struct Latency: Decodable {
            var count: Int
            var p50Ms: Double?
        }

        struct Buckets: Decodable {
            var sent: [Int]
            var calls: [Int]
            var requestP99Ms: [Double?]
        }

        struct Recent: Decodable {
            var results: [String: Int]
            var calls: [String: Int]
            var requestLatency: Latency
            var buckets: Buckets
        }

        struct Letter: Decodable, Equatable {
            var accountId: String?
            var requestId: String?
            var category: String
            var code: Int?
            var message: String
        }

        struct DeadLetters: Decodable {
            var total: Int
            var byCategory: [String: Int]
            var last: [Letter]
        }

        var ready: Bool
        var partitions: [Int]
        var accounts: [String: Int]
        var waitingAccounts: WaitingAccounts
        var partitionStates: [PartitionState]
        var throughput: [String: Double]
        var recent: Recent
        var deadLetters: DeadLetters
    }

    /// What the admin view would show, without what tells workers apart.
    private func document(of stage: LoopStage) async throws -> Document {
        let summary = await stage.loop.activity.summary(at: WorkerClock.system.now)
        let bytes = await stage.loop.status(hindrances: []) { summary.write(to: &$0) }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Document.self, from: Data(bytes))
    }

    @Test func countsResultsCallsAndDeadLettersOnceTheyAreDurable() async throws {
        let stage = LoopStage()
        try await stage.assign([0])
        stage.take(offsets: 0..<3)
        try await stage.until { $0.entries.count == 3 }
        stage.state.withLock { state in
            state.answer = CallOutcome(
                outcomeClass: .refused,
                error: SendError(category: .recipientUnavailable, message: #"no "such" person"#, code: 100)
            )
        }
        stage.take(offsets: 3..<4)
        try await stage.until { $0.entries.count == 4 }
        await stage.end()
        let document = try await document(of: stage)
        #expect(document.recent.results == ["sent": 3, "failed": 1])
        #expect(document.recent.calls == ["delivered": 3, "refused": 1])
        #expect(document.recent.requestLatency.count == 4)
        #expect(document.recent.buckets.sent.count == 60 && document.recent.buckets.sent.reduce(0, +) == 3)
        #expect(document.recent.buckets.requestP99Ms.compactMap(\.self).count >= 1)
        #expect(document.deadLetters.total == 1)
        #expect(document.deadLetters.byCategory == ["recipient_unavailable": 1])
        #expect(
            document.deadLetters.last == [
                Document.Letter(
                    accountId: "1",
                    requestId: "r3",
                    category: "recipient_unavailable",
                    code: 100,
                    message: #"no "such" person"#
                )
            ]
        )
    }

    @Test func whatIsNotDurableIsNotCounted() async throws {
        let stage = LoopStage()
        stage.state.withLock { $0.refusesDeliveries = true }
        try await stage.assign([0])
        stage.take(offsets: 0..<1)
        try await stage.until { $0.offsets.count > 2 }
        let document = try await document(of: stage)
        #expect(document.recent.results.isEmpty)
        #expect(document.recent.calls == ["delivered": 1])
        stage.state.withLock { $0.refusesDeliveries = false }
        await stage.end()
    }

    @Test func saysWhichAccountsWaitAndWhy() async throws {
        let stage = LoopStage()
        stage.state.withLock { state in
            state.answer = CallOutcome(
                outcomeClass: .tokenDead,
                error: SendError(category: .token, message: "Session has expired.")
            )
        }
        try await stage.assign([0, 4])
        stage.take(offsets: 7..<9)
        try await stage.until { $0.calls == 1 }
        let document = try await document(of: stage)
        #expect(document.partitions == [0, 4])
        #expect(document.accounts["token_dead"] == 1)
        let account = try #require(document.waitingAccounts.shown.first)
        #expect(account.accountId == "1" && account.state == "token_dead" && account.waiting == 2)
        #expect(account.cause == "Session has expired." && account.nextDue == nil)
        #expect(document.partitionStates.map(\.partition) == [0, 4])
        #expect(document.partitionStates.map(\.outstanding) == [2, 0])
        #expect(document.partitionStates.allSatisfy { $0.state == "active" && $0.lag == nil })
        await stage.end()
    }

    @Test func aListOfWaitingAccountsIsKeptForASecond() async throws {
        let now = Mutex(EngineTime(monotonic: 1_000_000_000, wall: Timestamp(millisecondsSinceEpoch: 0)))
        let clock = WorkerClock(
            monotonic: { now.withLock(\.monotonic) },
            wall: { now.withLock(\.wall) }
        )
        let stage = LoopStage(clock: clock)
        stage.state.withLock { state in
            state.answer = CallOutcome(
                outcomeClass: .tokenDead,
                error: SendError(category: .token, message: "Expired.")
            )
        }
        try await stage.assign([0])
        #expect(try await document(of: stage).waitingAccounts.shown.isEmpty)
        stage.take(offsets: 0..<1)
        try await stage.until { $0.calls == 1 }
        #expect(try await document(of: stage).waitingAccounts.shown.isEmpty)
        now.withLock { $0.monotonic += 1_000_000_000 }
        #expect(try await document(of: stage).waitingAccounts.shown.count == 1)
    }
}
