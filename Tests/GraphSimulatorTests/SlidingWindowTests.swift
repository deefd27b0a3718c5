import Testing

@testable import GraphSimulator

@Suite struct SlidingWindowTests {
    @Test func `admits exactly as many as any window may hold`() {
        var window = SlidingWindow(limit: 3, length: 100)
        #expect([0, 50, 99].allSatisfy { window.count($0) })
        let isFourthWithin = window.count(99)
        #expect(!isFourthWithin)
    }

    @Test func `has room again when the oldest is as old as the window is long`() {
        var window = SlidingWindow(limit: 2, length: 100)
        _ = window.count(0)
        _ = window.count(10)
        #expect(window.waitForRoom(at: 40) == 60)
        #expect(window.used(at: 99) == 2)
        #expect(window.used(at: 100) == 1)
        let isWithin = window.count(100)
        #expect(isWithin)
    }

    @Test func `counts arrivals over the limit too, so that going on prolongs a throttle`() {
        var window = SlidingWindow(limit: 1, length: 100)
        #expect([0, 60, 120, 180, 280].map { window.count($0) } == [true, false, false, false, true])
    }

    @Test(arguments: 0..<20)
    func `agrees with counting one by one`(seed: Int) {
        var draw = FaultDraw(seed: UInt64(seed), faultID: 0, accountID: "", call: 0)
        var window = SlidingWindow(limit: 5, length: 1000)
        var arrivals: [Int64] = []
        var now: Int64 = 0
        for _ in 0..<500 {
            now += Int64(draw.next() * 400)
            let isExpectedWithin = arrivals.count { now - $0 < 1000 } < 5
            arrivals.append(now)
            let isWithin = window.count(now)
            #expect(isWithin == isExpectedWithin)
        }
    }
}
