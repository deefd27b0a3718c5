import InstagramMessaging
import SendEngine
import Synchronization
import Testing

@testable import SendWorker

@Suite("The loop after an outage of the brokers", .timeLimit(.minutes(1)))
struct OutageTests {
    private static let second: Int64 = 1_000_000_000

    @Test("after an outage calls wait until the group must have said whether it still counts on this worker")
    func calls() async throws {
        let time = Atomic<Int64>(0)
        let wall = Timestamp(millisecondsSinceEpoch: 1_000_000)
        let stage = LoopStage(
            clock: WorkerClock(monotonic: { time.load(ordering: .relaxed) }, wall: { wall }),
            ownershipLease: .seconds(22)
        )
        /// Lets a tenth of a second pass, in which the brokers answer, and the loop see it.
        func pass() async throws {
            time.add(Self.second / 10, ordering: .relaxed)
            stage.loop.post(.brokersAnswered)
            stage.loop.post(.tick)
            try await Task.sleep(for: .milliseconds(1))
        }
        func calls() -> Int { stage.state.withLock { $0.calls } }
        func commits() -> Int { stage.state.withLock { $0.offsets.count } }
        try await stage.assign([0])
        stage.take(offsets: 0..<1)
        while calls() == 0 { try await pass() }
        stage.loop.post(.brokersChanged(areUp: false))
        await stage.loop.pause()
        time.add(40 * Self.second, ordering: .relaxed)
        stage.loop.post(.brokersChanged(areUp: true))
        await stage.loop.pause()
        stage.take(offsets: 1..<2)
        for _ in 0..<5 {
            let before = commits()
            time.add(Self.second / 10, ordering: .relaxed)
            stage.loop.post(.brokersAnswered)
            stage.loop.post(.tick)
            try await stage.until { $0.offsets.count > before }
        }
        #expect(calls() == 1, "commits succeed, and prove nothing yet")
        while calls() == 1 { try await pass() }
        await stage.end()
    }
}

extension EngineLoop {
    /// Returns once all that was posted before has been handled.
    fileprivate func pause() {}
}
