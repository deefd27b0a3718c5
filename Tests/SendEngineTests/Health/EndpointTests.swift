import InstagramMessaging
import SendEngine
import Testing

@Suite struct EndpointTests {
    func rigThatIsDown(accounts: Int = 10, _ outcome: CallOutcome = .notSent) -> Rig {
        let rig = Rig()
        for account in 0..<accounts { rig.accept(rig.request(account: "\(account)")) }
        for offset in rig.newCalls() { rig.end(offset, outcome) }
        return rig
    }

    @Test func `failures in a row over several accounts stop all calls but one probe at a time`() {
        let rig = rigThatIsDown()
        #expect(rig.engine.census.endpoint == .down)
        var started = 0
        for _ in 0..<5 {
            let probe = rig.advanceToNextCalls()
            #expect(probe.count == 1)
            started += probe.count
            rig.advance(by: 100)
            #expect(rig.newCalls() == [])
            rig.end(probe[0], .notSent)
        }
        #expect(rig.milliseconds > 7_000)
    }

    @Test func `the first good answer lets calls through in growing numbers`() {
        let rig = rigThatIsDown()
        let probe = rig.advanceToNextCalls()
        rig.end(probe[0], .delivered)
        rig.advance(by: 1_000)
        #expect(rig.engine.census.endpoint == .recovering)
        let next = rig.newCalls()
        #expect(next.count == 2)
        rig.end(next[0], .delivered)
        #expect(rig.newCalls().count == 3)
    }

    @Test func `an outage does not use up attempts`() throws {
        let rig = Rig()
        for account in 0..<2 { rig.accept(rig.request(account: "\(account)")) }
        for offset in rig.newCalls() { rig.end(offset, .notSent) }
        var attempts = 2
        while rig.milliseconds < 600_000 {
            let called = rig.advanceToNextCalls()
            try #require(!called.isEmpty)
            attempts += called.count
            for offset in called { rig.end(offset, .notSent) }
        }
        #expect(attempts > 20)
        #expect(rig.commit().isEmpty)
        var sent = 0
        while sent < 2, case let called = rig.advanceToNextCalls(), !called.isEmpty {
            for offset in called { rig.end(offset, .delivered) }
            sent += called.count
        }
        #expect(rig.commit().values.map(\.status) == [.sent, .sent])
    }

    @Test func `one account that fails among others does not stop the endpoint`() {
        let rig = Rig()
        for index in 0..<20 { rig.accept(rig.request(account: "1", to: "u:\(index)")) }
        rig.accept(rig.request(account: "2"))
        let called = rig.newCalls()
        for offset in called where offset < 20 { rig.end(offset, .bad(.unknown, .endpointUnavailable, status: 500)) }
        #expect(rig.engine.census.endpoint == .up)
    }

    @Test(arguments: [CallOutcome.refused, .throttled, .bad(.unknown, .graphError, status: 400)])
    func `an answer of Graph shows that the endpoint works, whatever it says`(outcome: CallOutcome) {
        let rig = Rig()
        for account in 0..<8 { rig.accept(rig.request(account: "\(account)")) }
        let called = rig.newCalls()
        for offset in called.prefix(4) { rig.end(offset, .notSent) }
        rig.end(called[4], outcome)
        for offset in called.suffix(3) { rig.end(offset, .notSent) }
        #expect(rig.engine.census.endpoint == .up)
    }

    @Test func `a probe whose partition is lost does not block probing for ever`() {
        let rig = rigThatIsDown(accounts: 5)
        let probe = rig.advanceToNextCalls()
        let id = RecordID(partition: 0, offset: probe[0], epoch: 1)
        rig.engine.remove([0], now: rig.now)
        rig.epoch = 2
        rig.engine.assign(0, epoch: 2, now: rig.now)
        rig.accept(rig.request(account: "9", offset: 100))
        #expect(rig.advanceToNextCalls() == [])
        rig.end(id, .delivered)
        #expect(rig.newCalls() == [100])
        #expect(rig.engine.census.lateOutcomes == 1)
        #expect(rig.engine.census.inFlight == 1)
    }
}
