import Testing

@testable import SendEngine

@Suite struct SlidingWindowTests {
    @Test func `a slot is free one length after the call could have arrived`() {
        var window = SlidingWindow(calls: 2, length: 1_000, slack: 250)
        window.start(at: 0)
        window.start(at: 100)
        #expect(window.room(at: 1_249) == .at(1_250))
        #expect(window.room(at: 1_250) == .now)
        window.start(at: 1_250)
        #expect(window.room(at: 1_250) == .at(1_350))
    }

    @Test func `an early answer frees the slot sooner and a late one does not keep it longer`() {
        var window = SlidingWindow(calls: 1, length: 1_000, slack: 250)
        window.start(at: 0)
        window.answered(startedAt: 0, at: 40)
        #expect(window.room(at: 500) == .at(1_040))
        window.start(at: 2_000)
        window.answered(startedAt: 2_000, at: 9_000)
        #expect(window.room(at: 2_500) == .at(3_250))
    }

    @Test func `reservations take slots until they are used or given back`() {
        var window = SlidingWindow(calls: 2, length: 1_000, slack: 0)
        window.reserve()
        window.start(at: 0)
        #expect(window.room(at: 10) == .at(1_000))
        window.reserve()
        #expect(window.room(at: 1_000) == .later)
        window.giveBack()
        #expect(window.room(at: 1_000) == .now)
    }

    @Test func `a lowered pace uses a part of the limit and always at least one call`() {
        var window = SlidingWindow(calls: 8, length: 1_000, slack: 0)
        for start in 0..<4 { window.start(at: Int64(start)) }
        #expect(window.room(at: 10, paceSteps: 0) == .now)
        #expect(window.room(at: 10, paceSteps: 1) == .at(1_000))
        #expect(window.room(at: 10, paceSteps: 2) == .at(1_002))
        #expect(window.room(at: 10, paceSteps: 60) == .at(1_003))
        #expect(SlidingWindow(calls: 1, length: 1, slack: 0).room(at: 0, paceSteps: 99) == .now)
    }

    @Test(arguments: 1...50)
    func `no stretch of time ever holds more arrivals than the limit`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let limit = Int.random(in: 1...12, using: &random)
        let length = Int64.random(in: 1...1_000, using: &random)
        let slack = Int64.random(in: 0...300, using: &random)
        var window = SlidingWindow(calls: limit, length: length, slack: slack)
        var running: [(start: Int64, answer: Int64)] = []
        var arrivals: [Int64] = []
        var now: Int64 = 0
        for _ in 0..<1_500 {
            now += Int64.random(in: 0...(length / 4 + 1), using: &random)
            running.removeAll { call in
                guard call.answer <= now else { return false }
                window.answered(startedAt: call.start, at: now)
                return true
            }
            guard window.room(at: now) == .now else { continue }
            window.start(at: now)
            let answer = now + Int64.random(in: 0...600, using: &random)
            // The answer is seen at the first event after it; the call arrives before it, and within the slack.
            arrivals.append(Int64.random(in: now...min(answer, now + slack), using: &random))
            running.append((now, answer))
        }
        arrivals.sort()
        #expect(arrivals.count > 50)
        for index in arrivals.indices.dropFirst(limit) {
            #expect(arrivals[index] - arrivals[index - limit] >= length)
        }
    }

    @Test func `a full window is used as soon as it allows`() {
        var window = SlidingWindow(calls: 10, length: 1_000, slack: 0)
        var started = 0
        for now in Int64(0)..<10_000 where window.room(at: now) == .now {
            window.start(at: now)
            started += 1
        }
        #expect(started == 100)
    }
}
