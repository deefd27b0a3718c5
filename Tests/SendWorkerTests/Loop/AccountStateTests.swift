import InstagramMessaging
import KafkaClient
import Synchronization
import Testing

@testable import SendEngine
@testable import SendWorker

@Suite(.timeLimit(.minutes(1)))
struct AccountStateTests {
    private static let throttled = CallOutcome(
        outcomeClass: .throttled,
        error: SendError(category: .throttled, message: "slow down"),
        messageID: nil
    )

    @Test func whatIsLearnedOfAnAccountIsDeliveredWithTheOffsetThoughNothingHasEnded() async throws {
        let stage = LoopStage()
        stage.state.withLock { $0.answer = Self.throttled }
        try await stage.assign([0])
        stage.take(offsets: 5..<6)
        try await stage.until { $0.deliveries.contains { !$0.accounts.isEmpty } }
        let delivery = try #require(stage.state.withLock(\.deliveries).first { !$0.accounts.isEmpty })
        #expect(delivery.accounts.map(\.accountID) == ["1"] && delivery.accounts.map(\.partition) == [0])
        let memory = try #require(delivery.accounts[0].memory.flatMap { AccountMemory(decoding: $0) })
        #expect(memory.coolUntil > 0 && memory.paceSteps == 1)
        #expect(delivery.endings.isEmpty)
        #expect(delivery.offsets == [LoopStage.partition(0): 5], "without an offset a lost partition is not noticed")
        #expect(delivery.ledgers.keys.sorted() == [0])
        await stage.end()
    }

    @Test func aDeliveryOfAccountsThatDidNotHappenComesAgain() async throws {
        let stage = LoopStage()
        stage.state.withLock { state in
            state.answer = Self.throttled
            state.outcomes = [.nothing, .nothing]
        }
        try await stage.assign([0])
        stage.take(offsets: 0..<1)
        try await stage.until { $0.deliveries.contains { !$0.accounts.isEmpty } }
        #expect(stage.state.withLock { $0.offsets.count } >= 3)
        await stage.end()
    }

    @Test func aRestoredMemoryHoldsTheAccount() async throws {
        let stage = LoopStage()
        stage.state.withLock { state in
            state.restored = RestoredPartition(accounts: ["1": StateFixture.memory(holds: 1)], committed: 0)
        }
        try await stage.assign([0])
        stage.take(offsets: 0..<1)
        let status = try #require(await stage.loop.accountStatus("1"))
        #expect(String(decoding: status, as: UTF8.self).contains(#""state":"held""#))
        #expect(stage.state.withLock(\.calls) == 0)
        await stage.end()
    }

    @Test func readingTheStateOfPartitionsThatAreGoneIsCutShort() async throws {
        let stage = LoopStage()
        stage.state.withLock { $0.restored = nil }
        stage.loop.post(.assigned([3, 4], epoch: 1))
        stage.loop.post(.lost([3]))
        stage.loop.post(.lost([4]))
        try await stage.until { $0.cancelledRestores == 1 }
        #expect(stage.state.withLock(\.commands).isEmpty)
        await stage.end()
    }

    @Test func theStopCutsReadingShort() async throws {
        let stage = LoopStage()
        stage.state.withLock { $0.restored = nil }
        stage.loop.post(.assigned([3], epoch: 1))
        await stage.end()
        try await stage.until { $0.cancelledRestores == 1 }
    }
}
