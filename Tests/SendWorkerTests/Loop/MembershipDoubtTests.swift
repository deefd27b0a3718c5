import InstagramMessaging
import SendEngine
import Synchronization
import Testing

@testable import SendWorker

@Suite("What a commit proves after a silence", .timeLimit(.minutes(1)))
struct MembershipDoubtTests {
    private static let second: Int64 = 1_000_000_000

    private func doubt(session: Int = 45, heartbeat: Int = 3) -> MembershipDoubt {
        MembershipDoubt(sessionTimeout: .seconds(session), heartbeatInterval: .seconds(heartbeat))
    }

    @Test("a short silence leaves no doubt; one of nearly a session does, until a heartbeat must have been answered")
    func silence() {
        var doubt = doubt()
        doubt.noteSilence(from: 0, to: 37 * Self.second)
        #expect(doubt.trustsCommits(at: 37 * Self.second))
        doubt.noteSilence(from: 0, to: 38 * Self.second)
        #expect(!doubt.trustsCommits(at: 38 * Self.second))
        #expect(!doubt.trustsCommits(at: 42 * Self.second - 1))
        #expect(doubt.trustsCommits(at: 42 * Self.second))
    }

    @Test("while the brokers are away for long, a commit that another connection carries proves nothing")
    func brokersAway() {
        var doubt = doubt(session: 10)
        doubt.noteBrokersDown(at: 0)
        doubt.noteBrokersDown(at: Self.second)
        #expect(doubt.trustsCommits(at: 3 * Self.second - 1))
        #expect(!doubt.trustsCommits(at: 3 * Self.second))
        doubt.noteBrokersUp(at: 5 * Self.second)
        #expect(!doubt.trustsCommits(at: 9 * Self.second - 1))
        #expect(doubt.trustsCommits(at: 9 * Self.second))
        doubt.noteBrokersUp(at: 20 * Self.second)
        #expect(doubt.trustsCommits(at: 20 * Self.second))
    }

    @Test("commits are trusted with the shortest session that a group allows, too")
    func shortSession() {
        var doubt = doubt(session: 6)
        doubt.noteSilence(from: 0, to: 3 * Self.second - 1)
        #expect(doubt.trustsCommits(at: 3 * Self.second))
    }

    @Test("after an outage calls wait until the group must have said whether it still counts on this worker")
    func calls() async throws {
        let time = Atomic<Int64>(0)
        let wall = Timestamp(millisecondsSinceEpoch: 1_000_000)
        let stage = LoopStage(
            clock: WorkerClock(monotonic: { time.load(ordering: .relaxed) }, wall: { wall }),
            ownershipLease: .seconds(22)
        )
        /// Lets a tenth of a second pass, and the loop see it.
        func pass() async throws {
            time.add(Self.second / 10, ordering: .relaxed)
            stage.loop.post(.tick)
            try await Task.sleep(for: .milliseconds(1))
        }
        func calls() -> Int { stage.state.withLock { $0.calls } }
        func commits() -> Int { stage.state.withLock { $0.offsets.count } }
        try await stage.assign([0])
        stage.take(offsets: 0..<1)
        while calls() == 0 { try await pass() }
        stage.loop.post(.brokersChanged(areUp: false))
        _ = await stage.loop.isStopping
        time.add(40 * Self.second, ordering: .relaxed)
        stage.loop.post(.brokersChanged(areUp: true))
        _ = await stage.loop.isStopping
        stage.take(offsets: 1..<2)
        let before = commits()
        while commits() < before + 5 { try await pass() }
        #expect(calls() == 1, "commits succeed, and prove nothing yet")
        while calls() == 1 { try await pass() }
        await stage.end()
    }
}
