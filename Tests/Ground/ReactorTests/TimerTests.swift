import Foundation
import Reactor
import Testing

@Suite(.timeLimit(.minutes(1))) struct TimerTests {
    @Test func firesNotBeforeTheDeadline() async throws {
        try await withReactor { reactor in
            for delay: Int64 in [0, 1, 400_000, 999_999, 1_000_000, 3_500_000] {
                let fired = Given<Int64>()
                let deadline = Reactor.monotonicNow() + delay
                reactor.execute { reactor.schedule(at: deadline) { fired.give(reactor.now) } }
                let time = try #require(await fired.value)
                #expect(time >= deadline)
            }
        }
    }

    @Test func theClockStandsStillDuringATurn() async throws {
        try await withReactor { reactor in
            let (near, far) = try socketPair()
            let times = Local<[Int64]>([])
            let next = Given<Int64>()
            @Sendable func note() {
                times.value.append(reactor.now)
                let end = Reactor.monotonicNow() + 2_000_000
                while Reactor.monotonicNow() < end {}
            }
            try await reactor.run {
                let watch = Local<Watch?>(nil)
                let handler = Handler { _ in
                    note()
                    if let watch = watch.value { reactor.unwatch(watch) }
                    reactor.runSoon { next.give(reactor.now) }
                }
                watch.value = try reactor.watch(near, for: .read, handler: handler)
                // All three are due in the turn that follows.
                writeByte(far)
                reactor.schedule(at: 0) { note() }
                reactor.runSoon { note() }
            }
            let later = try #require(await next.value)
            let seen = try await reactor.run { times.value }
            #expect(seen.count == 3)
            #expect(Set(seen).count == 1)
            #expect(try #require(seen.first) + 6_000_000 <= later)
            Socket.close(near)
            Socket.close(far)
        }
    }

    @Test func aTimerThatAnotherCancelsInTheSameTurnDoesNotFire() async throws {
        try await withReactor { reactor in
            let fired = Local<[String]>([])
            let done = Given<Bool>()
            let isFreed = Local(false)
            try await reactor.run {
                let deadline = reactor.now + 1_000_000
                let victim = Local<TimerID?>(nil)
                let payload = Local(0)
                let reference = WeakReference(payload)
                reactor.schedule(at: deadline) {
                    fired.value.append("first")
                    if let victim = victim.value { reactor.cancel(victim) }
                    isFreed.value = reference.object == nil
                }
                victim.value = reactor.schedule(at: deadline) { [payload] in
                    fired.value.append("victim \(payload.value)")
                }
                reactor.schedule(at: deadline) {
                    fired.value.append("last")
                    done.give(true)
                }
            }
            _ = await done.value
            let result = try await reactor.run { (fired.value, isFreed.value) }
            #expect(result.0 == ["first", "last"])
            #expect(result.1, "what the cancelled closure held is still there")
        }
    }

    @Test func aTimerThatSetsItselfAnewDoesNotStarveSockets() async throws {
        try await withReactor { reactor in
            let (near, far) = try socketPair()
            let told = Given<Readiness>()
            let timer = Rearming(reactor)
            try await reactor.run {
                timer.begin()
                let watch = Local<Watch?>(nil)
                let handler = Handler { readiness in
                    told.give(readiness)
                    if let watch = watch.value { reactor.unwatch(watch) }
                }
                watch.value = try reactor.watch(near, for: .read, handler: handler)
            }
            writeByte(far)
            #expect(await told.value == .readable)
            // And posted work comes in between as well, one firing a turn.
            let counts = try await reactor.run { (timer.firings, timer.turns.count) }
            #expect(counts.0 == counts.1)
            try await reactor.run { timer.end() }
            Socket.close(near)
            Socket.close(far)
        }
    }

    @Test func aFarTimerDoesNotWakeTheReactor() async throws {
        try await withReactor { reactor in
            try await reactor.run {
                reactor.schedule(at: reactor.now + 40 * 24 * 3_600 * 1_000_000_000) {}
                reactor.schedule(at: .max) {}
            }
            #expect(await reactor.turnsWhileIdle() == 1)
        }
    }

    @Test func aLongTurnDoesNotDelayTimersFurther() async throws {
        try await withReactor { reactor in
            let late = Given<Int64>()
            reactor.execute {
                let deadline = reactor.now + 990_000_000
                reactor.schedule(at: deadline) { late.give(reactor.now - deadline) }
                usleep(1_000_000)
            }
            // Counted from the turn's clock, it would come a second late.
            let lateness = try #require(await late.value)
            #expect(lateness < 700_000_000)
        }
    }
}

private final class WeakReference: @unchecked Sendable {
    weak var object: AnyObject?

    init(_ object: AnyObject) { self.object = object }
}

/// A timer that sets itself anew with no delay each time it fires.
private final class Rearming: TimerTarget, @unchecked Sendable {
    private let reactor: Reactor
    private var timer = TimerID.none
    private(set) var firings = 0
    private(set) var turns: Set<Int> = []

    init(_ reactor: Reactor) { self.reactor = reactor }

    func begin() { timer = reactor.setTimer(at: 0, target: self) }

    func end() { reactor.cancel(timer) }

    func timerFired(_ tag: Int) {
        firings += 1
        turns.insert(reactor.turns)
        begin()
    }
}
