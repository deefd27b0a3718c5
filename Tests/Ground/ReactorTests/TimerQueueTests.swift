import Testing

@testable import Reactor

@Suite struct TimerQueueTests {
    private final class Target: TimerTarget {
        func timerFired(_ tag: Int) {}
    }

    /// The tags of the timers that are due, in the order of their firing.
    private func fire(_ queue: inout TimerQueue, at now: Int64, _ act: (inout TimerQueue, Int) -> Void = { _, _ in })
        -> [Int]
    {
        var tags: [Int] = []
        queue.collectDue(at: now)
        while let due = queue.popDue() {
            tags.append(due.tag)
            act(&queue, due.tag)
        }
        return tags
    }

    @Test func firesAtTheVeryDeadlineAndNotBefore() {
        var queue = TimerQueue()
        _ = queue.set(at: 1_000, target: Target(), tag: 1)
        #expect(queue.nextDeadline() == 1_000)
        #expect(fire(&queue, at: 999).isEmpty)
        #expect(fire(&queue, at: 1_000) == [1])
        #expect(queue.nextDeadline() == nil)
        #expect(queue.count == 0)
    }

    @Test func firesByDeadlineAndThenInTheOrderOfSetting() {
        var queue = TimerQueue()
        for tag in 0..<50 { _ = queue.set(at: 20, target: Target(), tag: tag) }
        for tag in 100..<150 { _ = queue.set(at: 10, target: Target(), tag: tag) }
        #expect(fire(&queue, at: 30) == Array(100..<150) + Array(0..<50))
    }

    @Test func aTimerSetWhileOthersFireWaitsForTheNextTime() {
        var queue = TimerQueue()
        _ = queue.set(at: 5, target: Target(), tag: 1)
        _ = queue.set(at: 6, target: Target(), tag: 2)
        let first = fire(&queue, at: 10) { queue, _ in _ = queue.set(at: 0, target: Target(), tag: 3) }
        #expect(first == [1, 2])
        #expect(queue.nextDeadline() == 0)
        #expect(fire(&queue, at: 10) == [3, 3])
    }

    @Test func aDueTimerThatAnotherCancelsDoesNotFire() {
        var queue = TimerQueue()
        var victims: [TimerID] = []
        _ = queue.set(at: 1, target: Target(), tag: 1)
        for tag in 2...4 { victims.append(queue.set(at: 1, target: Target(), tag: tag)) }
        _ = queue.set(at: 1, target: Target(), tag: 5)
        let fired = fire(&queue, at: 1) { queue, tag in
            if tag == 1 { for victim in victims { _ = queue.cancel(victim) } }
        }
        #expect(fired == [1, 5])
        #expect(queue.count == 0)
    }

    @Test func aCancelledNameDoesNotReachTheSlotsNextTimer() {
        var queue = TimerQueue()
        let old = queue.set(at: 1, target: Target(), tag: 1)
        _ = queue.cancel(old)
        _ = queue.set(at: 1, target: Target(), tag: 2)
        #expect(queue.cancel(old) == nil)
        #expect(queue.cancel(.none) == nil)
        #expect(fire(&queue, at: 1) == [2])
    }

    @Test func letsATargetGoWhenItIsCancelled() {
        var queue = TimerQueue()
        weak var gone: Target?
        do {
            let target = Target()
            gone = target
            _ = queue.cancel(queue.set(at: 1_000, target: target, tag: 0))
        }
        #expect(gone == nil)
    }

    @Test func doesNotCollectCancelledTimers() {
        var queue = TimerQueue()
        let target = Target()
        let far = queue.set(at: 1_000_000, target: target, tag: 7)
        for deadline in 0..<100_000 {
            _ = queue.cancel(queue.set(at: 1_000 + Int64(deadline), target: target, tag: 0))
            #expect(queue.entryCount < 200)
        }
        #expect(queue.count == 1)
        #expect(queue.nextDeadline() == 1_000_000)
        _ = queue.cancel(far)
        #expect(queue.nextDeadline() == nil)
    }

    @Test func behavesLikeASortedListUnderRandomOperations() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20 {
            var queue = TimerQueue()
            var model: [(deadline: Int64, tag: Int, id: TimerID)] = []
            var now: Int64 = 0
            for tag in 0..<500 {
                switch Int.random(in: 0..<6, using: &random) {
                case 0, 1, 2:
                    let deadline = now + Int64.random(in: -3..<40, using: &random)
                    model.append((deadline, tag, queue.set(at: deadline, target: Target(), tag: tag)))
                case 3 where !model.isEmpty, 4 where !model.isEmpty:
                    let victim = model.remove(at: Int.random(in: 0..<model.count, using: &random))
                    #expect(queue.cancel(victim.id) != nil)
                default:
                    now += Int64.random(in: 0..<20, using: &random)
                    // A stable sort keeps the order of setting.
                    let due = model.filter { $0.deadline <= now }.sorted { $0.deadline < $1.deadline }
                    model.removeAll { $0.deadline <= now }
                    #expect(fire(&queue, at: now) == due.map(\.tag))
                }
                #expect(queue.count == model.count)
                #expect(queue.nextDeadline() == model.map(\.deadline).min())
            }
        }
    }

    @Test func takesAwayAllTimers() {
        var queue = TimerQueue()
        for tag in 0..<10 { _ = queue.set(at: Int64(tag), target: Target(), tag: tag) }
        #expect(queue.removeAll().count == 10)
        #expect(queue.nextDeadline() == nil)
        _ = queue.set(at: 3, target: Target(), tag: 11)
        #expect(fire(&queue, at: 5) == [11])
    }
}
