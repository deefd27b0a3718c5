import Synchronization
import Testing

@testable import SendWorker

@Suite(.timeLimit(.minutes(1)))
struct ShutdownStepsTests {
    private let recorder = LogRecorder()

    /// Waits for ever, also when it is cancelled: as librdkafka does when its close hangs.
    @Sendable private static func hang() async -> Bool {
        await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
        return true
    }

    @Test func whatHangsIsNamedAndTheNextStepFollows() async {
        let steps = ShutdownSteps(logger: recorder.logger(), sleep: { _ in })
        let done = Mutex(false)
        await steps.run("leaving the consumer group", within: .seconds(10)) { await Self.hang() }
        let next = ShutdownSteps(logger: recorder.logger())
        await next.run("closing the producer", within: .seconds(30)) {
            done.withLock { $0 = true }
            return true
        }
        #expect(done.withLock { $0 })
        #expect(steps.hung == ["leaving the consumer group"] && next.hung.isEmpty)
        #expect(recorder.lines.count == 1)
        #expect(recorder.count(of: "ERROR") == 1 && recorder.count(of: "leaving the consumer group") == 1)
        let failure = #expect(throws: WorkerFailure.self) { try steps.check() }
        #expect(failure?.kind == .failed)
        #expect(failure?.description.contains("leaving the consumer group") == true)
    }

    @Test func stepsThatEndInTimeAreNoFailure() async throws {
        let steps = ShutdownSteps(logger: recorder.logger())
        for _ in 0..<100 { await steps.run("a step", within: .seconds(30)) { true } }
        try steps.check()
        #expect(recorder.lines.isEmpty)
    }

    @Test func aStepThatLeftSomethingBehindIsAFailure() async {
        let steps = ShutdownSteps(logger: recorder.logger())
        await steps.run("closing the producer", within: .seconds(30)) { false }
        #expect(steps.hung == ["closing the producer"])
    }

    @Test func theCallersCancellationDoesNotCutAStepShort() async {
        let steps = ShutdownSteps(logger: recorder.logger())
        let (gate, opens) = AsyncStream<Void>.makeStream()
        let running = Task {
            await steps.run("finishing calls", within: .seconds(30)) {
                for await _ in gate { break }
                return !Task.isCancelled
            }
        }
        running.cancel()
        opens.yield()
        await running.value
        #expect(steps.hung.isEmpty)
    }
}
