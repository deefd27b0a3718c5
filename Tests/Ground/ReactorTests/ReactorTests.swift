import Foundation
import Reactor
import Testing

@Suite(.timeLimit(.minutes(1))) struct ReactorTests {
    @Test func runsPostedWorkInOrderOnItsThread() async throws {
        try await withReactor { reactor in
            #expect(!reactor.isCurrent)
            let seen = Given<[Int]>()
            let collected = Collected()
            for number in 0..<100 { reactor.execute { collected.values.append(number) } }
            reactor.execute {
                #expect(reactor.isCurrent)
                seen.give(collected.values)
            }
            #expect(await seen.value == Array(0..<100))
        }
    }

    @Test func tellsAHandlerOfBytes() async throws {
        try await withReactor { reactor in
            let (near, far) = try socketPair()
            let told = Given<Readiness>()
            try await reactor.run {
                var watch: Watch?
                let handler = Handler { readiness in
                    told.give(readiness)
                    if let watch { reactor.unwatch(watch) }
                }
                watch = try reactor.watch(near, for: .read, handler: handler)
            }
            writeByte(far)
            #expect(await told.value == .readable)
            Socket.close(near)
            Socket.close(far)
        }
    }

    @Test func firesATimerNotBeforeItsDeadline() async throws {
        try await withReactor { reactor in
            let fired = Given<Int64>()
            let deadline = Reactor.monotonicNow() + 3_500_000
            reactor.execute { reactor.schedule(at: deadline) { fired.give(reactor.now) } }
            let time = try #require(await fired.value)
            #expect(time >= deadline)
        }
    }

    @Test func refusesWorkOnceItHasEnded() async throws {
        let reactor = try Reactor(name: "test")
        await reactor.shutdown()
        await reactor.shutdown()
        let isQueued = reactor.execute {}
        #expect(!isQueued)
    }

    @Test func carriesAnActor() async throws {
        try await withReactor { reactor in
            let actor = Resident(on: reactor)
            #expect(await actor.isOnThread)
            try await actor.rest()
            #expect(await actor.isOnThread)
        }
    }
}

/// Used on one reactor's thread only.
final class Collected: @unchecked Sendable {
    var values: [Int] = []
}

actor Resident {
    private let reactor: Reactor

    init(on reactor: Reactor) { self.reactor = reactor }

    nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    var isOnThread: Bool { reactor.isCurrent }

    func rest() async throws {
        try await Task.sleep(for: .milliseconds(2))
        #expect(reactor.isCurrent)
    }
}
