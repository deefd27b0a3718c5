import InstagramMessaging
import SendEngine
import Testing

@Suite struct AccountHealthTests {
    @Test func `a throttle cools the whole account, not one message, and no other account`() {
        let rig = Rig()
        for index in 0..<2 { rig.accept(rig.request(account: "1", to: "u:\(index)")) }
        #expect(rig.newCalls() == [0, 1])
        rig.end(0, .throttled)
        rig.accept(rig.request(account: "1", to: "u:9"))
        rig.accept(rig.request(account: "2"))
        #expect(rig.newCalls() == [3])
        #expect(rig.engine.census.accounts.cooling == 1)
        rig.advance(by: 4_999)
        #expect(rig.newCalls() == [])
        rig.advance(by: 1)
        #expect(Set(rig.newCalls()) == [0, 2])
    }

    @Test func `throttles of calls that ran side by side count once, later ones cool longer`() throws {
        let rig = Rig()
        for index in 0..<50 { rig.accept(rig.request(to: "u:\(index)")) }
        for offset in rig.newCalls() { rig.end(offset, .throttled) }
        #expect(rig.engine.nextWake == 5_000_000_000)
        #expect(rig.engine.explain(account: "1", now: rig.now)?.paceSteps == 1)
        rig.advance(by: 5_000)
        let again = rig.newCalls()
        try #require(again.count == 50)
        rig.end(try #require(again.first), .throttled)
        #expect(rig.engine.explain(account: "1", now: rig.now)?.nextDue == 15_000_000_000)
        #expect(rig.engine.explain(account: "1", now: rig.now)?.paceSteps == 2)
    }

    @Test func `after a throttle the pace is halved and comes back step by step`() {
        let rig = Rig(.quiet { $0.limits.messagesPerSecond = 8 })
        for index in 0..<100 { rig.accept(rig.request(to: "u:\(index)")) }
        let first = rig.newCalls()
        #expect(first.count == 8)
        rig.end(first[0], .throttled)
        for offset in first.dropFirst() { rig.end(offset, .delivered) }
        rig.advance(by: 5_000)
        let slow = rig.newCalls()
        #expect(slow.count == 4)
        for offset in slow { rig.end(offset, .delivered) }
        rig.advance(by: 30_000)
        #expect(rig.newCalls().count == 8)
    }

    @Test(arguments: [(75, 0), (76, 1), (81, 2), (86, 3), (95, 4)])
    func `high usage slows the account step by step`(percent: Int, steps: Int) {
        let rig = Rig()
        rig.accept(rig.request())
        rig.actions()
        var outcome = CallOutcome.delivered
        outcome.usage = UsageReport(highestPercent: percent)
        rig.end(0, outcome)
        #expect(rig.engine.explain(account: "1", now: rig.now)?.paceSteps == steps)
        rig.accept(rig.request())
        #expect(rig.newCalls() == [1])
    }

    @Test(arguments: [(96, nil, 60_000), (10, 19, 19 * 60_000), (100, 2, 120_000), (50, 0, 0)] as [(Int, Int?, Int64)])
    func `usage above 95 % or a regain time stops the account for as long`(percent: Int, regain: Int?, wait: Int64) {
        let rig = Rig()
        rig.accept(rig.request())
        rig.actions()
        var outcome = CallOutcome.delivered
        outcome.usage = UsageReport(highestPercent: percent, regainMinutes: regain)
        rig.end(0, outcome)
        rig.accept(rig.request())
        if wait > 0 {
            rig.advance(by: wait - 1)
            #expect(rig.newCalls() == [])
            rig.advance(by: 1)
        }
        #expect(rig.newCalls() == [1])
    }

    @Test func `an application-wide throttle cools every account, then calls come back in growing numbers`() {
        let rig = Rig()
        for account in 0..<20 { rig.accept(rig.request(account: "\(account)")) }
        let first = rig.newCalls()
        rig.end(first[0], .bad(.applicationThrottled, .throttled, status: 400))
        for offset in first.dropFirst() { rig.end(offset, .delivered) }
        for account in 0..<20 { rig.accept(rig.request(account: "\(account)", to: "u:2")) }
        #expect(rig.newCalls() == [])
        #expect(rig.engine.census.isApplicationCooling)
        rig.advance(by: 5_000)
        #expect(!rig.engine.census.isApplicationCooling)
        let one = rig.newCalls()
        #expect(one.count == 1)
        rig.end(one[0], .delivered)
        #expect(rig.newCalls().count == 2)
    }

    @Test func `a dead token parks the account until it changes, then one call shows whether the new one works`() {
        let rig = Rig()
        for index in 0..<3 { rig.accept(rig.request(to: "u:\(index)")) }
        #expect(rig.newCalls() == [0, 1, 2])
        for offset in Int64(0)..<3 { rig.end(offset, .tokenDead) }
        rig.advance(by: 60_000)
        #expect(rig.newCalls() == [])
        #expect(rig.engine.census.accounts.parked == 1)
        rig.engine.tokensChanged(["1", "77"], now: rig.now)
        let probe = rig.newCalls()
        #expect(probe.count == 1)
        #expect(rig.engine.explain(account: "1", now: rig.now)?.reason == .probing)
        rig.end(probe[0], .tokenDead)
        #expect(rig.newCalls() == [])
        rig.engine.tokensChanged(["1"], now: rig.now)
        let second = rig.newCalls()
        rig.end(second[0], .delivered)
        #expect(rig.newCalls().count == 2)
    }

    @Test func `a token found dead that has changed meanwhile does not park the account`() {
        let rig = Rig()
        rig.accept(rig.request())
        rig.actions()
        rig.engine.tokensChanged(["1"], now: rig.now)
        rig.end(0, .tokenDead)
        #expect(rig.newCalls() == [0])
    }

    @Test func `what waits for a token ends as failed after maxElapsed from the moment it was found dead`() throws {
        let rig = Rig()
        rig.accept(rig.request(to: "u:1"))
        rig.accept(rig.request(to: "u:1"))
        rig.actions()
        rig.advance(by: 1_000)
        rig.end(0, .tokenDead)
        rig.advance(by: 100_000)
        rig.accept(rig.request(to: "u:1"))
        rig.advance(by: 798_999)
        #expect(rig.commit().isEmpty)
        rig.advance(by: 1)
        let called = try rig.ending(of: 0)
        #expect(called.status == .failed)
        #expect(called.error?.category == .token)
        rig.advance(by: 1_000)
        let behind = try rig.ending(of: 1)
        #expect(behind.status == .failed)
        #expect(behind.attempts == 0)
        #expect(behind.error?.category == .token)
        #expect(rig.engine.census.waiting == 1)
        rig.engine.tokensChanged(["1"], now: rig.now)
        #expect(rig.newCalls() == [2])
    }

    @Test func `a changed token ends the time limit of what waited for it`() {
        let rig = Rig()
        rig.accept(rig.request(to: "u:1"))
        rig.actions()
        rig.end(0, .tokenDead)
        rig.accept(rig.request(to: "u:2"))
        rig.engine.tokensChanged(["1"], now: rig.now)
        #expect(rig.newCalls() == [0])
        rig.advance(by: 2_000_000)
        rig.end(0, .delivered)
        #expect(rig.newCalls() == [1])
    }

    @Test(arguments: [(CallOutcome.held, ErrorCategory.policy), (.stopped, .permission)])
    func `a hold ends what cannot wait and keeps what can`(outcome: CallOutcome, category: ErrorCategory) throws {
        let rig = Rig()
        rig.accept(rig.request(to: "u:1"))
        rig.accept(rig.request(to: "u:2", expiresAfter: 29 * 60_000))
        rig.accept(rig.request(to: "u:3", windowClosesAfter: 29 * 60_000))
        rig.accept(rig.request(to: "u:4", expiresAfter: 31 * 60_000))
        rig.accept(rig.request(to: "u:5"))
        #expect(rig.newCalls().count == 5)
        rig.end(3, .throttled)
        rig.end(4, .bad(.tokenDead, .token, wasStarted: false))
        rig.engine.tokensChanged(["1"], now: rig.now)
        rig.end(0, outcome)
        let ending = try #require(rig.commit()[0])
        #expect(ending.status == .failed)
        #expect(ending.error?.category == category)
        rig.end(1, .throttled)
        #expect(try rig.ending(of: 1).error?.category == category)
    }

    @Test func `requests that were never called wait out a hold unless their deadline is sooner`() throws {
        let rig = Rig(.quiet { $0.maxInFlight = 1 })
        rig.accept(rig.request(to: "u:1"))
        rig.accept(rig.request(to: "u:2", expiresAfter: 29 * 60_000))
        rig.accept(rig.request(to: "u:3", windowClosesAfter: 29 * 60_000))
        rig.accept(rig.request(to: "u:4", expiresAfter: 31 * 60_000))
        rig.accept(rig.request(to: "u:5"))
        #expect(rig.newCalls() == [0])
        rig.end(0, .held)
        rig.accept(rig.request(to: "u:6", expiresAfter: 1_000))
        #expect(rig.newCalls() == [])
        let endings = rig.commit()
        #expect(endings.keys.sorted() == [0, 1, 2, 5])
        #expect(endings[1]?.status == .expired)
        #expect(endings[1]?.error?.category == .expired)
        #expect(endings[2]?.error?.category == .outsideWindow)
        #expect(endings[5]?.status == .expired)
        #expect(rig.engine.census.accounts.held == 1)
        rig.advance(by: 30 * 60_000)
        #expect(rig.newCalls() == [3])
        #expect(rig.newCalls() == [])
        rig.end(3, .delivered)
        #expect(rig.newCalls() == [4])
    }

    @Test func `a hold doubles while it goes on, up to four hours`() {
        let rig = Rig()
        var waits: [Int64] = []
        for index in 0..<6 {
            rig.accept(rig.request(to: "u:\(index)"))
            let start = rig.milliseconds
            #expect(rig.advanceToNextCalls() == [Int64(index)])
            waits.append((rig.milliseconds - start) / 60_000)
            rig.end(Int64(index), .held)
        }
        #expect(waits == [0, 30, 60, 120, 240, 240])
    }
}
