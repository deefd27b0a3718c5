import InstagramMessaging
import SendEngine
import Testing

@Suite struct DeadlineTests {
    @Test func `a request whose expires_at passes while it waits is never called`() throws {
        let rig = Rig()
        rig.accept(rig.request())
        rig.accept(rig.request(expiresAfter: 1_000))
        rig.actions()
        #expect(rig.engine.nextWake == 1_000_000_000)
        rig.advance(by: 1_000)
        let ending = try rig.ending(of: 1)
        #expect(ending.status == .expired)
        #expect(ending.error?.category == .expired)
        #expect(ending.attempts == 0)
        rig.end(0, .delivered)
        #expect(rig.newCalls() == [])
    }

    @Test func `a request that comes too late expires at once`() throws {
        let rig = Rig()
        rig.accept(rig.request(expiresAfter: 0))
        #expect(rig.newCalls() == [])
        #expect(try rig.ending(of: 0).status == .expired)
    }

    @Test func `a request expires in the middle of its conversation without disturbing the order`() throws {
        let rig = Rig()
        rig.accept(rig.request())
        rig.accept(rig.request(windowClosesAfter: 500))
        rig.accept(rig.request())
        #expect(rig.newCalls() == [0])
        rig.advance(by: 600)
        #expect(try rig.ending(of: 1).error?.category == .outsideWindow)
        rig.end(0, .delivered)
        #expect(rig.newCalls() == [2])
    }

    @Test func `a retry that would come after the deadline ends the request now, with what was known`() throws {
        let rig = Rig()
        rig.accept(rig.request(to: "u:1", expiresAfter: 5_000))
        rig.accept(rig.request(to: "u:2", expiresAfter: 5_000))
        rig.actions()
        rig.end(0, .bad(.notSent, .endpointUnavailable, retryAfter: 5_000))
        rig.end(1, .bad(.unknown, .timeout, retryAfter: 5_000))
        let endings = rig.commit()
        #expect(endings[0]?.status == .failed)
        #expect(endings[0]?.error?.category == .endpointUnavailable)
        #expect(endings[1]?.status == .unknown)
        #expect(endings[1]?.error?.category == .timeout)
    }

    @Test func `a running call is not cut off by its deadline`() throws {
        let rig = Rig()
        rig.accept(rig.request(expiresAfter: 1_000))
        rig.actions()
        rig.advance(by: 5_000)
        #expect(rig.commit().isEmpty)
        rig.end(0, .delivered)
        #expect(try rig.ending(of: 0).status == .sent)
    }

    @Test func `deadlines follow the wall clock when it jumps`() throws {
        let rig = Rig()
        rig.accept(rig.request())
        rig.accept(rig.request(expiresAfter: 3_600_000))
        rig.actions()
        rig.engine.advance(to: EngineTime(monotonic: 1, wall: rig.wall(3_600_000)))
        #expect(try rig.ending(of: 1).status == .expired)
    }

    @Test func `a clock that goes back and extreme values do no harm`() {
        let rig = Rig()
        for extreme in [Int64.min, .max, 0, -1] {
            let moment = EngineTime(monotonic: extreme, wall: Timestamp(millisecondsSinceEpoch: extreme))
            rig.engine.accept(rig.request(to: "u:\(extreme)", expiresAfter: 10), now: moment)
            rig.engine.advance(to: moment)
            for action in rig.actions() {
                if case .call(let id, _) = action { rig.engine.callEnded(id, .throttled, now: moment) }
            }
            _ = rig.engine.nextWake
            rig.engine.commitFailed(99, now: moment)
        }
        rig.commit()
        for offset in [Int64.min, -1, .max] {
            #expect(!rig.isTaken(rig.request(offset: offset == .max ? nil : offset).renamed(offset)))
        }
    }
}

extension QueuedRequest {
    fileprivate func renamed(_ offset: Int64) -> QueuedRequest {
        var copy = self
        copy.id.offset = offset
        return copy
    }
}
