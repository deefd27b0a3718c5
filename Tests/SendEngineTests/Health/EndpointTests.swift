import InstagramMessaging
import SendEngine
import Testing

@Suite struct EndpointTests {
    /// Five bad ends of the last eight are enough.
    private static var settings: EngineSettings { .quiet { $0.health.endpointCalls = 8 } }

    func rigThatIsDown(accounts: Int = 10, _ outcome: CallOutcome = .notSent) -> Rig {
        let rig = Rig(Self.settings)
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
        let rig = Rig(Self.settings)
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

    @Test func `more than half of the last calls have to end badly, and not those of one account among others`() {
        let rig = Rig()
        for account in 0..<30 { rig.accept(rig.request(account: "\(account)")) }
        let called = rig.newCalls()
        for offset in called.prefix(10) { rig.end(offset, .refused) }
        for offset in called[10..<20] { rig.end(offset, .notSent) }
        #expect(rig.engine.census.endpoint == .up)
        rig.end(called[20], .notSent)
        #expect(rig.engine.census.endpoint == .down)
    }

    @Test func `where little is called a few bad ends suffice, and no request fails for an outage of minutes`() {
        let rig = Rig()
        // An account that was called long ago does not count among those that are.
        rig.accept(rig.request(account: "2"))
        for offset in rig.newCalls() { rig.end(offset, .delivered) }
        _ = rig.commit()
        rig.advance(by: 61_000)
        rig.accept(rig.request(account: "1"))
        while rig.milliseconds < 661_000 {
            let called = rig.advanceToNextCalls(within: 60_000)
            if called.isEmpty { break }
            for offset in called { rig.end(offset, .notSent) }
        }
        #expect(rig.engine.census.endpoint == .down)
        #expect(rig.commit().isEmpty)
        for offset in rig.advanceToNextCalls(within: 60_000) { rig.end(offset, .delivered) }
        #expect(rig.commit().values.map(\.status) == [.sent])
    }

    @Test func `one account that is answered without an end is probed alone, whatever the others do`() throws {
        let rig = Rig()
        for index in 0..<60 { rig.accept(rig.request(account: "1", to: "u:\(index)")) }
        rig.accept(rig.request(account: "2"))
        let called = rig.newCalls()
        #expect(called.count == 61)
        for offset in called where offset < 60 { rig.end(offset, .answeredUnknown) }
        rig.end(60, .delivered)
        #expect(rig.engine.census.endpoint == .up)
        for index in 0..<5 { rig.accept(rig.request(account: "1", to: "v:\(index)")) }
        rig.accept(rig.request(account: "2"))
        #expect(rig.newCalls() == [66])
        #expect(rig.explain(account: "1")?.reason == .answersUnknown)
        #expect(rig.explain(account: "1")?.cause?.code == 2)
        rig.advance(by: 1_000)
        let probe = rig.newCalls()
        #expect(probe.count == 1)
        rig.end(try #require(probe.first), .delivered)
        // What nobody knows the end of may be sent again; nothing stands in the way any more.
        #expect(rig.newCalls().count >= 4)
    }

    @Test func `with a single account too its trouble costs probes, not its queue`() {
        let rig = Rig(
            .quiet {
                $0.retry.unknownResends = 0
                $0.maxInFlight = 4
            }
        )
        for index in 0..<200 { rig.accept(rig.request(to: "u:\(index)")) }
        var ended = 0
        while rig.milliseconds < 600_000 {
            let called = rig.advanceToNextCalls(within: 600_000 - rig.milliseconds)
            if called.isEmpty { break }
            for offset in called { rig.end(offset, .answeredUnknown) }
            ended += rig.commit().count
        }
        #expect(ended > 10)
        #expect(ended < 40)
    }

    @Test func `ten minutes of temporary errors for fifty accounts cost few unknown results, then all is sent`() {
        let rig = Rig(.quiet { $0.retry.unknownResends = 0 })
        var endings: [Int64: RequestEnd] = [:]
        var next = 0
        while rig.milliseconds < 900_000 {
            if rig.milliseconds < 660_000, rig.milliseconds % 100 == 0 {
                for _ in 0..<10 {
                    rig.accept(rig.request(account: "\(next % 50)", to: "u:\(next)"))
                    next += 1
                }
            }
            let isBad = (10_000..<610_000).contains(rig.milliseconds)
            for offset in rig.newCalls() { rig.end(offset, isBad ? .answeredUnknown : .delivered) }
            endings.merge(rig.commit()) { first, _ in first }
            if rig.milliseconds > 660_000, endings.count == next { break }
            rig.advance(by: 50)
        }
        let unknown = endings.values.count { $0.status == .unknown }
        #expect(endings.count == next)
        #expect(unknown <= 50)
        #expect(endings.values.count { $0.status == .sent } == next - unknown)
    }

    @Test(arguments: [CallOutcome.refused, .throttled])
    func `an answer that says something shows that the endpoint works`(outcome: CallOutcome) {
        let rig = Rig(Self.settings)
        for account in 0..<8 { rig.accept(rig.request(account: "\(account)")) }
        let called = rig.newCalls()
        for offset in called.prefix(2) { rig.end(offset, .notSent) }
        for offset in called[2..<6] { rig.end(offset, outcome) }
        for offset in called.suffix(2) { rig.end(offset, .notSent) }
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
        #expect(rig.engine.census.totals.lateOutcomes == 1)
        #expect(rig.engine.census.inFlight == 1)
    }
}
