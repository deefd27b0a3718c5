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
        try await stage.until { $0.deliveries.contains { !$0.commit.accounts.isEmpty } }
        let delivery = try #require(stage.state.withLock(\.deliveries).first { !$0.commit.accounts.isEmpty })
        #expect(delivery.commit.accounts.map(\.accountID) == ["1"] && delivery.commit.accounts.map(\.partition) == [0])
        let memory = try #require(delivery.commit.accounts[0].memory.flatMap { AccountMemory(decoding: $0) })
        #expect(memory.coolUntil > 0)
        #expect(delivery.entries.isEmpty)
        #expect(delivery.commit.offsets == [0: 5], "without an offset a lost partition is not noticed")
        #expect(delivery.commit.ledgers.keys.sorted() == [0])
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
        try await stage.until { $0.deliveries.contains { !$0.commit.accounts.isEmpty } }
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

    @Test func `partitions whose state can be read do not wait for those whose state cannot`() async throws {
        let stage = LoopStage()
        stage.state.withLock { $0.unreadable = [3, 4, 5] }
        stage.loop.post(.assigned([3, 4], epoch: 1))
        try await stage.until { _ in stage.restoring.isWaitingForAll }
        stage.state.withLock { $0.unreadable = [4, 5] }
        try await stage.until { $0.commands == [.startFetching([3], epoch: 1)] && !stage.restoring.isWaitingForAll }
        stage.state.withLock { $0.unreadable = [5] }
        try await stage.until { $0.commands.last == .startFetching([4], epoch: 1) }
        stage.loop.post(.assigned([5], epoch: 2))
        stage.loop.post(.lost([3, 4]))
        try await stage.until { _ in stage.restoring.isWaitingForAll }
        stage.loop.post(.lost([5]))
        try await stage.until { $0.cancelledRestores == 1 && !stage.restoring.isWaitingForAll }
        await stage.end()
    }

    @Test func `a reading ends once all is handed over that is still wanted`() async throws {
        let stage = LoopStage()
        stage.state.withLock { $0.unreadable = [3, 4] }
        stage.loop.post(.assigned([3, 4], epoch: 1))
        stage.loop.post(.lost([4]))
        stage.state.withLock { $0.unreadable = [4] }
        try await stage.until { $0.cancelledRestores == 1 }
        #expect(stage.state.withLock(\.commands) == [.startFetching([3], epoch: 1)])
        await stage.end()
    }

    @Test func `a reading that takes long does not hold up the rebalance`() async throws {
        let stage = LoopStage(restorePatience: .milliseconds(1))
        stage.state.withLock { $0.unreadable = [0, 4] }
        stage.loop.post(.assigned([0, 4], epoch: 1))
        try await stage.until { $0.commands == [.startPaused([0, 4], epoch: 1)] }
        stage.state.withLock { $0.unreadable = [4] }
        try await stage.until { $0.commands.dropFirst() == [.begin(0, at: 0)] }
        stage.take(offsets: 0..<1)
        try await stage.until { $0.calls == 1 }
        stage.state.withLock { $0.unreadable = [] }
        try await stage.until { $0.commands.dropFirst() == [.begin(0, at: 0), .begin(4, at: 0)] }
        await stage.end()
    }

    @Test func `what stands before the committed offset is not done again, even without a ledger`() async throws {
        let stage = LoopStage()
        stage.state.withLock { $0.restored = RestoredPartition(committed: 5) }
        try await stage.assign([0])
        stage.take(offsets: 3..<7)
        try await stage.until { $0.entries.count == 2 }
        #expect(stage.state.withLock { $0.entries.map(\.pending.record.offset) } == [5, 6])
        await stage.end()
    }

    @Test func `what is given up before its state was read never begins`() async throws {
        let stage = LoopStage(answersAtOnce: false, restorePatience: .milliseconds(1))
        try await stage.assign([0])
        stage.take(offsets: 0..<1)
        try await stage.until { $0.calls == 1 }
        stage.state.withLock { $0.unreadable = [3] }
        stage.loop.post(.assigned([3], epoch: 2))
        try await stage.until { $0.commands.last == .startPaused([3], epoch: 2) }
        // The other partition's call holds the drain up, and the state comes meanwhile.
        stage.loop.post(.revoking([0, 3]))
        try await stage.until { $0.cancelledRestores == 1 }
        stage.state.withLock { $0.unreadable = [] }
        stage.answerAll()
        try await stage.until { $0.commands.last == .finishRevoke([0, 3]) }
        #expect(!stage.state.withLock(\.commands).contains(.begin(3, at: 0)))
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
