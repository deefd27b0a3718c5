import InstagramMessaging
import SendEngine
import Synchronization
import Testing

@testable import SendWorker

@Suite("What a commit proves after a silence", .timeLimit(.minutes(1)))
struct MembershipDoubtTests {
    private static let second: Int64 = 1_000_000_000

    private func doubt(session: Int = 45, heartbeat: Int = 3) -> MembershipDoubt {
        MembershipDoubt(
            MembershipDoubt.Settings(sessionTimeout: .seconds(session), heartbeatInterval: .seconds(heartbeat))
        )
    }

    /// Whether a commit that begins and ends at a moment proves ownership.
    private func trusts(_ doubt: MembershipDoubt, at second: Double) -> Bool {
        let moment = Int64(second * Double(Self.second))
        return doubt.trustsCommit(from: moment, to: moment)
    }

    @Test("a short silence leaves no doubt; one of nearly a session does, until a heartbeat must have been answered")
    func silence() {
        var doubt = doubt()
        doubt.noteSilence(from: 0, to: 34 * Self.second)
        #expect(trusts(doubt, at: 34))
        doubt.noteSilence(from: 0, to: 42 * Self.second)
        #expect(!trusts(doubt, at: 42))
        #expect(!trusts(doubt, at: 48.9))
        #expect(trusts(doubt, at: 49))
    }

    @Test("a silence that ends long before the session is doubted until the session is over")
    func restOfTheSession() {
        var doubt = doubt()
        doubt.noteSilence(from: 0, to: 35 * Self.second)
        #expect(!trusts(doubt, at: 45.9))
        #expect(trusts(doubt, at: 46))
        #expect(
            !doubt.trustsCommit(from: 45 * Self.second, to: 46 * Self.second),
            "the group may have taken it early on"
        )
    }

    @Test("a member that is refused for longer than its session and a rebalance has not been told by librdkafka")
    func expulsion() {
        var doubt = doubt(session: 20)
        #expect(doubt.noteExpulsion(at: 0) == nil)
        #expect(doubt.noteExpulsion(at: 34 * Self.second) == nil)
        // Partitions have changed hands, or a commit was taken: it is another refusal that begins.
        doubt.noteMember()
        #expect(doubt.noteExpulsion(at: 40 * Self.second) == nil)
        #expect(doubt.noteExpulsion(at: 74 * Self.second) == nil)
        #expect(doubt.noteExpulsion(at: 75 * Self.second) == 35)
    }

    @Test("while the brokers are away for long, a commit that another connection carries proves nothing")
    func brokersAway() {
        var doubt = doubt(session: 20)
        doubt.noteBrokersDown(at: 0)
        doubt.noteBrokersDown(at: Self.second)
        #expect(trusts(doubt, at: 9.9))
        #expect(!trusts(doubt, at: 10))
        doubt.noteBrokersUp(at: 15 * Self.second)
        #expect(!trusts(doubt, at: 21.9))
        #expect(trusts(doubt, at: 22))
        doubt.noteBrokersUp(at: 60 * Self.second)
        #expect(trusts(doubt, at: 60))
    }

    @Test("a network that swallows everything is told by the question that nobody answers")
    func noAnswer() {
        var doubt = doubt(session: 20)
        #expect(trusts(doubt, at: 100))
        for moment in stride(from: Int64(0), through: 10, by: 2) { doubt.noteAnswer(at: moment * Self.second) }
        #expect(trusts(doubt, at: 21.9))
        #expect(!trusts(doubt, at: 22))
        doubt.noteAnswer(at: 23 * Self.second)
        #expect(!trusts(doubt, at: 32.9))
        #expect(trusts(doubt, at: 33))
    }

    @Test("commits are trusted with the shortest session that a group allows, too")
    func shortSession() {
        var doubt = doubt(session: 6)
        for moment in 0..<10 { doubt.noteAnswer(at: Int64(moment) * 4 * Self.second) }
        doubt.noteSilence(from: 30 * Self.second, to: 33 * Self.second - 1)
        #expect(trusts(doubt, at: 36))
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
        for _ in 0..<5 {
            let before = commits()
            time.add(Self.second / 10, ordering: .relaxed)
            stage.loop.post(.tick)
            try await stage.until { $0.offsets.count > before }
        }
        #expect(calls() == 1, "commits succeed, and prove nothing yet")
        while calls() == 1 { try await pass() }
        await stage.end()
    }
}
