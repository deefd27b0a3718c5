import InstagramMessaging
import SendEngine
import Testing

@Suite struct ThrottleTests {
    static let application = CallOutcome.bad(.applicationThrottled, .throttled, status: 400, code: 4)

    /// Steady traffic whose calls take 100 ms.
    private final class Traffic {
        let rig: Rig
        let accounts: Int
        let perSecond: Int
        var started = 0
        var delivered = 0
        private var running: [(offset: Int64, endsAt: Int64)] = []
        private var accepted = 0

        init(accounts: Int, perSecond: Int, _ rig: Rig = Rig()) {
            self.rig = rig
            self.accounts = accounts
            self.perSecond = perSecond
        }

        func run(seconds: Int64, outcome: (_ call: Int) -> CallOutcome) {
            let end = rig.milliseconds + seconds * 1_000
            let start = rig.milliseconds
            let before = accepted
            while rig.milliseconds < end {
                while accepted - before < Int(rig.milliseconds - start) * perSecond / 1_000 {
                    rig.accept(rig.request(account: "\(accepted % accounts)", to: "u:\(accepted)"))
                    accepted += 1
                }
                for offset in rig.newCalls() { running.append((offset, rig.milliseconds + 100)) }
                while let first = running.first, first.endsAt <= rig.milliseconds {
                    running.removeFirst()
                    started += 1
                    let outcome = outcome(started)
                    if outcome.outcomeClass == .delivered { delivered += 1 }
                    rig.end(first.offset, outcome)
                }
                _ = rig.commit()
                rig.advance(by: 10)
            }
        }
    }

    @Test func `one throttle of the application in 500 calls costs less than 5 % of the throughput`() {
        let traffic = Traffic(accounts: 10, perSecond: 50)
        traffic.run(seconds: 120) { $0 % 500 == 0 ? Self.application : .delivered }
        #expect(traffic.delivered > 6_000 * 95 / 100)
    }

    @Test(arguments: [CallOutcome.throttled, application])
    func `a lasting throttle costs less than 20 calls a minute after its first`(outcome: CallOutcome) {
        let traffic = Traffic(accounts: 1, perSecond: 10)
        traffic.run(seconds: 20) { _ in .delivered }
        traffic.run(seconds: 60) { _ in outcome }
        let first = traffic.started
        traffic.run(seconds: 120) { _ in outcome }
        #expect(traffic.started - first < 40)
        #expect(traffic.started - first >= 1)
        // And then all that waits is sent.
        traffic.run(seconds: 200) { _ in .delivered }
        #expect(traffic.rig.explain(account: "0")?.callsPerSecond == nil)
    }

    @Test func `a throttle among a hundred calls and more makes only its own request wait`() {
        let rig = Rig()
        for index in 0..<100 { rig.accept(rig.request(to: "u:\(index)")) }
        for offset in rig.newCalls() { rig.end(offset, .delivered) }
        rig.advance(by: 1_000)
        rig.accept(rig.request(to: "u:1"))
        rig.accept(rig.request(to: "u:2"))
        #expect(rig.newCalls() == [100, 101])
        rig.end(100, .throttled)
        rig.accept(rig.request(to: "u:3"))
        #expect(rig.newCalls().contains(102))
        #expect(rig.explain(account: "1")?.callsPerSecond == nil)
    }

    @Test func `a throttle of an account waits a second, goes on at half the pace and stays its own`() throws {
        let rig = Rig()
        for index in 0..<50 { rig.accept(rig.request(to: "u:\(index)")) }
        let called = rig.newCalls()
        for offset in called.prefix(49) { rig.end(offset, .delivered) }
        rig.end(49, .throttled)
        for index in 0..<20 { rig.accept(rig.request(to: "v:\(index)")) }
        rig.accept(rig.request(account: "2"))
        #expect(rig.newCalls() == [70])
        #expect(rig.explain(account: "1")?.reason == .cooling)
        rig.advance(by: 999)
        #expect(rig.newCalls() == [])
        rig.advance(by: 1)
        #expect(rig.newCalls().count == 1)
        rig.advance(by: 40)
        #expect(rig.newCalls().count == 1)
        #expect(try #require(rig.explain(account: "1")?.callsPerSecond) == 25)
    }

    @Test func `throttles of calls that ran side by side count once`() {
        let rig = Rig()
        for index in 0..<50 { rig.accept(rig.request(to: "u:\(index)")) }
        for offset in rig.newCalls() { rig.end(offset, .throttled) }
        #expect(rig.explain(account: "1")?.nextDue == 1_000_000_000)
    }

    @Test func `the wait doubles while nothing is delivered, and only then`() throws {
        let rig = Rig(.quiet { $0.retry.maxElapsed = .seconds(100_000) })
        for index in 0..<20 { rig.accept(rig.request(to: "u:\(index)")) }
        for offset in rig.newCalls() { rig.end(offset, .throttled) }
        var waits: [Int64] = []
        func throttleAgain(after outcomes: [CallOutcome]) throws {
            for outcome in outcomes + [.throttled] {
                let called = rig.advanceToNextCalls()
                for offset in called { rig.end(offset, outcome) }
            }
            let due = try #require(rig.explain(account: "1")?.nextDue) / 1_000_000
            waits.append(due - rig.milliseconds)
        }
        for _ in 0..<7 { try throttleAgain(after: []) }
        #expect(waits == [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
        try throttleAgain(after: [.delivered])
        #expect(waits.last == 60_000)
    }

    @Test func `a wait that Graph names is kept up to a day, told of, and stops the clock`() throws {
        let rig = Rig()
        rig.accept(rig.request(to: "u:1"))
        rig.actions()
        rig.end(0, .bad(.throttled, .throttled, status: 429, retryAfter: 3_600_000))
        let wait = try #require(rig.engine.takeLongWaits().first)
        #expect(wait.accountID == "1")
        #expect(wait.until == 3_600_000_000_000)
        #expect(rig.advanceToNextCalls() == [0])
        #expect(rig.milliseconds == 3_600_000)
        rig.end(0, .bad(.throttled, .throttled, status: 429, retryAfter: 999_999_999_999))
        #expect(rig.advanceToNextCalls() == [0])
        #expect(rig.milliseconds == 90_000_000)
        rig.end(0, .delivered)
        #expect(try rig.ending(of: 0).status == .sent)
    }

    @Test func `a regain time of a million minutes is believed for a day and told of`() throws {
        let rig = Rig()
        rig.accept(rig.request())
        rig.actions()
        var outcome = CallOutcome.delivered
        outcome.usage = UsageReport(highestPercent: 20, regainMinutes: 1_000_000)
        rig.end(0, outcome)
        let wait = try #require(rig.engine.takeLongWaits().first)
        #expect(wait.until == 86_400_000_000_000)
        #expect(wait.cause?.message.contains("1000000 minutes") ?? false)
        #expect(rig.explain(account: "1") != nil)
    }

    @Test func `an application-wide throttle makes every account wait, then calls go on at half the pace`() {
        let rig = Rig()
        for account in 0..<20 { rig.accept(rig.request(account: "\(account)")) }
        let first = rig.newCalls()
        for offset in first.dropFirst() { rig.end(offset, .delivered) }
        rig.end(first[0], Self.application)
        for account in 0..<20 { rig.accept(rig.request(account: "\(account)", to: "u:2")) }
        #expect(rig.newCalls() == [])
        #expect(rig.engine.census.isApplicationCooling)
        #expect(rig.explain(account: "3")?.reason == .applicationCooling)
        rig.advance(by: 1_000)
        #expect(!rig.engine.census.isApplicationCooling)
        #expect(rig.newCalls().count == 1)
        rig.advance(by: 100)
        #expect(rig.newCalls().count == 1)
    }
}
