import InstagramMessaging
import SendEngine
import Testing

@Suite struct AccountHealthTests {
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

    @Test(
        arguments: [
            (96, nil, 60_000), (10, 19, 19 * 60_000), (100, 2, 120_000), (50, 0, 0), (5, 1_000_000, 86_400_000),
        ] as [(Int, Int?, Int64)]
    )
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

    @Test func `an application that has used up its allowance makes all accounts wait, and one at 95 % nobody`() {
        let rig = Rig()
        var outcome = CallOutcome.delivered
        for (percent, account) in [(95, "1"), (96, "2")] {
            rig.accept(rig.request(account: account))
            let called = rig.newCalls()
            #expect(called.count == 1)
            outcome.applicationUsage = UsageReport(highestPercent: percent)
            for offset in called { rig.end(offset, outcome) }
        }
        rig.accept(rig.request(account: "3"))
        #expect(rig.newCalls() == [])
        #expect(rig.explain(account: "3")?.cause?.message.contains("96 %") ?? false)
        rig.advance(by: 59_999)
        #expect(rig.newCalls() == [])
        rig.advance(by: 1)
        #expect(rig.newCalls() == [2])
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

    @Test func `what waits for a token ends as failed after maxHold, each request by its own time`() throws {
        let rig = Rig(.quiet { $0.retry.maxHold = .seconds(3_600) })
        rig.accept(rig.request(to: "u:1"))
        rig.accept(rig.request(to: "u:1"))
        rig.actions()
        rig.advance(by: 1_000)
        rig.end(0, .tokenDead)
        rig.advance(by: 100_000)
        rig.accept(rig.request(to: "u:1"))
        rig.advance(by: 3_499_999)
        #expect(rig.commit().isEmpty)
        rig.advance(by: 1)
        let endings = rig.commit()
        #expect(endings.keys.sorted() == [0, 1])
        #expect(endings.values.allSatisfy { $0.status == .failed && $0.error?.category == .token })
        #expect(endings[1]?.attempts == 0)
        rig.advance(by: 99_999)
        #expect(rig.commit().isEmpty)
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
    func `a hold ends what its deadline keeps from waiting, and no other`(outcome: CallOutcome, category: ErrorCategory)
        throws
    {
        let rig = Rig()
        rig.accept(rig.request(to: "u:1"))
        rig.accept(rig.request(to: "u:2", expiresAfter: 29 * 60_000))
        rig.accept(rig.request(to: "u:3", windowClosesAfter: 29 * 60_000))
        rig.accept(rig.request(to: "u:4", expiresAfter: 31 * 60_000))
        rig.accept(rig.request(to: "u:5"))
        #expect(rig.newCalls().count == 5)
        for offset in [3, 4] as [Int64] { rig.end(offset, .throttled) }
        rig.end(0, outcome)
        #expect(rig.commit().isEmpty)
        rig.end(1, .throttled)
        rig.end(2, .throttled)
        let endings = rig.commit()
        #expect(endings.keys.sorted() == [1, 2])
        #expect(endings.values.allSatisfy { $0.status == .failed && $0.error?.category == category })
        #expect(rig.advanceToNextCalls().count == 1)
        #expect(rig.milliseconds == 30 * 60_000)
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
        #expect(endings.keys.sorted() == [1, 2, 5])
        #expect(endings[1]?.status == .expired)
        #expect(endings[1]?.error?.category == .expired)
        #expect(endings[2]?.error?.category == .outsideWindow)
        #expect(endings[5]?.status == .expired)
        #expect(rig.engine.census.accounts.held == 1)
        rig.advance(by: 30 * 60_000)
        let probe = rig.newCalls()
        #expect(probe.count == 1)
        #expect(rig.newCalls() == [])
        rig.end(probe[0], .delivered)
        #expect(rig.newCalls().count == 1)
    }

    @Test func `a hold doubles while it goes on, up to a day`() {
        let rig = Rig(.quiet { $0.retry.maxHold = .seconds(864_000) })
        rig.accept(rig.request())
        var waits: [Int64] = []
        for _ in 0..<8 {
            let start = rig.milliseconds
            #expect(rig.advanceToNextCalls() == [0])
            waits.append((rig.milliseconds - start) / 60_000)
            rig.end(0, .held)
        }
        #expect(waits == [0, 30, 60, 120, 240, 480, 960, 1_440])
    }
}
