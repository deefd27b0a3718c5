import Containers
import Testing

@testable import Reactor

@Suite struct PostedWorkTests {
    @Test func wakesASleeperOncePerBatch() {
        let posted = PostedWork()
        var taken = Deque<PostedWork.Item>()
        #expect(post(to: posted) == .queued)
        #expect(!posted.fallAsleep(), "it would sleep on what was posted")
        _ = posted.take(into: &taken)
        #expect(taken.count == 1)
        taken.removeAll()
        #expect(posted.fallAsleep())
        #expect(post(to: posted) == .queuedWakeUp)
        for _ in 0..<999 { #expect(post(to: posted) == .queued) }
        _ = posted.take(into: &taken)
        #expect(taken.count == 1_000)
    }

    @Test func doesNotWakeWhoIsAwakeForAnotherReason() {
        let posted = PostedWork()
        var taken = Deque<PostedWork.Item>()
        #expect(posted.fallAsleep())
        _ = posted.take(into: &taken)
        #expect(post(to: posted) == .queued)
    }

    @Test func endsOnlyWhenItIsEmpty() {
        let posted = PostedWork()
        var taken = Deque<PostedWork.Item>()
        #expect(post(to: posted) == .queued)
        #expect(!posted.finishIfEmpty())
        _ = posted.take(into: &taken)
        #expect(posted.fallAsleep())
        #expect(posted.end(), "a sleeper must be woken")
        #expect(!posted.end())
        #expect(!posted.fallAsleep())
        #expect(post(to: posted) == .refused, "whoever goes on posting puts the end off")
        #expect(posted.take(into: &taken))
        #expect(posted.finishIfEmpty())
    }

    private func post(to posted: PostedWork) -> PostedWork.Admission { posted.post {} }
}

@Suite struct PollerTests {
    @Test func manyWakeUpsAreOne() throws {
        let poller = try Poller()
        defer { poller.close() }
        for _ in 0..<1_000 { poller.wake() }
        #expect(poller.wait(nanoseconds: nil) == 1)
        #expect(poller.event(at: 0) == nil)
        #expect(poller.wait(nanoseconds: 0) == 0)
    }

    @Test(arguments: [Int64(1), 400_000, 1_000_000, 1_000_001])
    func waitsNoShorterThanAsked(_ nanoseconds: Int64) throws {
        let poller = try Poller()
        defer { poller.close() }
        let before = Reactor.monotonicNow()
        #expect(poller.wait(nanoseconds: nanoseconds) == 0)
        #expect(Reactor.monotonicNow() - before >= nanoseconds)
    }
}
