import Foundation
import Reactor
import Testing

@Suite(.timeLimit(.minutes(1))) struct ActorTests {
    @Test func livesOnTheThread() async throws {
        try await withReactor { reactor in
            let resident = Resident(on: reactor)
            #expect(await resident.isOnThread)
            let isStill = try await resident.isOnThreadAfterSleep()
            #expect(isStill)
        }
    }

    @Test func callsActorsOnOtherThreads() async throws {
        try await withReactor { reactor in
            try await withReactor { other in
                let first = Resident(on: reactor)
                let second = Resident(on: other)
                for _ in 0..<1_000 { #expect(await first.isOnThreadAfterCall(of: second)) }
            }
        }
    }

    @Test func isReachedFromAHandlerWithoutWaiting() async throws {
        try await withReactor { reactor in
            let resident = Resident(on: reactor)
            let fired = Given<Int>()
            try await reactor.run {
                reactor.schedule(at: 0) { resident.assumeIsolated { fired.give($0.count()) } }
            }
            #expect(await fired.value == 1)
        }
    }

    @Test func servesSocketsWhileActorsKeepItBusy() async throws {
        try await withReactor { reactor in
            let (near, far) = try socketPair()
            let told = Given<Readiness>()
            let resident = Resident(on: reactor)
            let busy = Task { await resident.spin() }
            let watch = try await reactor.run {
                try reactor.watch(near, for: .read, handler: Handler { told.give($0) })
            }
            writeByte(far)
            #expect(await told.value == .readable)
            busy.cancel()
            await busy.value
            try await reactor.run { reactor.unwatch(watch) }
            Socket.close(near)
            Socket.close(far)
        }
    }

    @Test func goesOnAfterTheReactorHasEnded() async throws {
        let reactor = try Reactor(name: "test")
        let resident = Resident(on: reactor)
        let gate = Given<Bool>()
        let begun = Given<Bool>()
        let sleeper = Task { await resident.wait(for: gate, begun) }
        _ = await begun.value
        await reactor.shutdown()
        gate.give(true)
        #expect(await sleeper.value == true)
        // Whoever comes later finds the actor's isolation as before.
        let counts = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<200 { group.addTask { await resident.count() } }
            return await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(counts == Set(1...200))
    }
}

private actor Resident {
    private let reactor: Reactor
    private var calls = 0

    init(on reactor: Reactor) { self.reactor = reactor }

    nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    var isOnThread: Bool { reactor.isCurrent }

    func count() -> Int {
        calls += 1
        return calls
    }

    func isOnThreadAfterSleep() async throws -> Bool {
        try await Task.sleep(for: .milliseconds(2))
        return reactor.isCurrent
    }

    func isOnThreadAfterCall(of other: Resident) async -> Bool {
        let isThere = await other.isOnThread
        return isThere && reactor.isCurrent
    }

    func spin() async {
        while !Task.isCancelled { await Task.yield() }
    }

    func wait(for gate: Given<Bool>, _ begun: Given<Bool>) async -> Bool? {
        begun.give(true)
        return await gate.value
    }
}
