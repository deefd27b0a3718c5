import Foundation
import Synchronization
import Testing

@testable import Reactor

@Suite(.timeLimit(.minutes(1))) struct LoopTests {
    @Test func runsPostedWorkInOrderOnItsThread() async throws {
        try await withReactor { reactor in
            #expect(!reactor.isCurrent)
            let seen = Given<[Int]>()
            let collected = Local<[Int]>([])
            for number in 0..<100 { reactor.execute { collected.value.append(number) } }
            reactor.execute {
                #expect(reactor.isCurrent)
                seen.give(collected.value)
            }
            #expect(await seen.value == Array(0..<100))
        }
    }

    @Test func aBatchOfPostsCostsOneTurn() async throws {
        try await withReactor { reactor in
            let gate = Gate()
            let turns = Local<Set<Int>>([])
            let isDone = Given<Bool>()
            reactor.execute { gate.wait() }
            for _ in 0..<1_000 { reactor.execute { turns.value.insert(reactor.turns) } }
            reactor.execute { isDone.give(true) }
            gate.open()
            _ = await isDone.value
            // The first of them may have been taken together with what held the reactor up.
            let count = try await reactor.run { turns.value.count }
            #expect(count <= 2)
            #expect(await reactor.turnsWhileIdle() == 1)
        }
    }

    @Test func aFloodOfPostsIsRunInSeveralTurns() async throws {
        try await withReactor { reactor in
            let gate = Gate()
            let turns = Local<[Int: Int]>([:])
            let isDone = Given<Bool>()
            reactor.execute { gate.wait() }
            for _ in 0..<10_000 { reactor.execute { turns.value[reactor.turns, default: 0] += 1 } }
            reactor.execute { isDone.give(true) }
            gate.open()
            _ = await isDone.value
            let counts = try await reactor.run { Array(turns.value.values) }
            #expect(counts.reduce(0, +) == 10_000)
            #expect(counts.allSatisfy { $0 <= 1_024 })
        }
    }

    @Test func losesNoPostThatRacesWithItsFallingAsleep() async throws {
        try await withReactor { reactor in
            // One at a time, so that the reactor falls asleep before, in and after each post.
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        for round in 0..<2_000 {
                            let isDone = Given<Bool>()
                            reactor.execute { isDone.give(true) }
                            if round % 7 == 0 { await Task.yield() }
                            _ = await isDone.value
                        }
                    }
                }
            }
        }
    }

    @Test func runsWhatItAcceptedThoughItIsShutDown() async throws {
        for round in 0..<50 {
            let reactor = try Reactor(name: "test")
            let run = Atomic<Int>(0)
            let posting = Given<Int>()
            let begun = Given<Bool>()
            for poster in 0..<2 {
                Thread.detachNewThread {
                    var accepted = 0
                    while accepted < 500, reactor.execute({ run.add(1, ordering: .relaxed) }) {
                        accepted += 1
                        if accepted == round, poster == 0 { begun.give(true) }
                    }
                    if round == 0 { begun.give(true) }
                    posting.give(accepted)
                }
            }
            _ = await begun.value
            await reactor.shutdown()
            let accepted = [await posting.value, await posting.value].compactMap { $0 }.reduce(0, +)
            #expect(run.load(ordering: .relaxed) == accepted)
        }
    }

    @Test func refusesEverythingOnceItHasEnded() async throws {
        let reactor = try Reactor(name: "test")
        await reactor.shutdown()
        await reactor.shutdown()
        let isQueued = reactor.execute {}
        #expect(!isQueued)
        #expect(reactor.runAndWait { 1 } == nil)
        await #expect(throws: ReactorError.self) { try await reactor.run {} }
    }

    @Test func letsHandlersAndTimersGoWhenItEnds() async throws {
        let (near, far) = try socketPair()
        let order = Local<[String]>([])
        let reactor = try Reactor(name: "test")
        try await reactor.run {
            let leaving = Leaving { order.value.append("handler") }
            let waiting = Leaving { order.value.append("timer") }
            _ = try reactor.watch(near, for: .read, handler: leaving)
            reactor.setTimer(at: .max, target: waiting)
        }
        await reactor.shutdown()
        #expect(order.value == ["handler", "timer"])
        Socket.close(near)
        Socket.close(far)
    }

    @Test func runsInTheNextTurnWhatIsQueuedSoon() async throws {
        try await withReactor { reactor in
            let turns = Given<[Int]>()
            reactor.execute {
                let first = reactor.turns
                reactor.runSoon {
                    let second = reactor.turns
                    reactor.runSoon { turns.give([second - first, reactor.turns - second]) }
                }
            }
            #expect(await turns.value == [1, 1])
        }
    }

    @Test func runsAtTheTurnsEndWhatIsAskedForInIt() async throws {
        try await withReactor { reactor in
            let turns = Given<[Int]>()
            let order = Given<[String]>()
            reactor.execute {
                var told: [String] = []
                let first = reactor.turns
                reactor.runAtEndOfTurn {
                    told.append("end")
                    let second = reactor.turns
                    // What is asked for at the end of a turn keeps nobody waiting: the sockets are looked at before.
                    reactor.runAtEndOfTurn {
                        turns.give([second - first, reactor.turns - second])
                        order.give(told)
                    }
                    reactor.runSoon { told.append("soon") }
                }
                told.append("work")
            }
            #expect(await turns.value == [0, 1])
            #expect(await order.value == ["work", "end", "soon"])
        }
    }

    @Test func standsStillWhileThereIsNothingToDo() async throws {
        try await withReactor { reactor in
            #expect(await reactor.turnsWhileIdle() == 1)
            while reactor.ageOfTurn != 0 { await Task.yield() }
        }
    }

    @Test func showsOthersForHowLongATurnHasBeenRunning() async throws {
        try await withReactor { reactor in
            let gate = Gate()
            reactor.execute { gate.wait() }
            while reactor.ageOfTurn < 20_000_000 { await Task.yield() }
            gate.open()
            _ = try await reactor.run {}
            while reactor.ageOfTurn != 0 { await Task.yield() }
        }
    }

    @Test func givesAWaitingThreadItsAnswer() async throws {
        try await withReactor { reactor in
            let answer = Given<Int?>()
            Thread.detachNewThread { answer.give(reactor.runAndWait { reactor.isCurrent ? 42 : 0 }) }
            #expect(await answer.value == 42)
        }
    }

    @Test func refusesToWaitForItself() async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let reactor = try Reactor(name: "test")
            try await reactor.run { _ = reactor.runAndWait { 1 } }
        }
        let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(words.contains("the thread of the reactor test would wait for itself"))
    }

    @Test func refusesOtherThreadsWhatBelongsOnItsOwn() async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let reactor = try Reactor(name: "test")
            reactor.runSoon {}
        }
        let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(words.contains("this belongs on the thread of the reactor test"))
    }
}

private final class Leaving: ReadinessHandler, TimerTarget {
    private let note: () -> Void

    init(_ note: @escaping () -> Void) { self.note = note }

    deinit { note() }

    func ready(_ readiness: Readiness) {}
    func timerFired(_ tag: Int) {}
}
