import InstagramMessaging
import SendEngine
import Testing

@Suite struct SlowStartTests {
    private static let refusal = CallOutcome.bad(.refused, .invalidRequest, status: 400, code: 100)

    @Test(arguments: [1, 5, 40, 500])
    func `a wrong proof costs a few dead letters, not all that waits at a start`(accounts: Int) {
        let rig = Rig(.quiet { $0.firstCalls = 4 })
        for index in 0..<500 { rig.accept(rig.request(account: "\(index % accounts)", to: "u:\(index)")) }
        while rig.engine.census.safety.state == .sending {
            let called = rig.newCalls()
            #expect((1...4).contains(called.count))
            if called.isEmpty { break }
            for offset in called { rig.end(offset, Self.refusal) }
        }
        #expect(rig.engine.census.safety.state == .paused)
        #expect(rig.engine.census.safety.error?.code == 100)
        #expect(rig.commit().count <= 24)
    }

    @Test func `calls begin a few at a time and double with each delivery`() {
        let rig = Rig(.quiet { $0.firstCalls = 4 })
        for index in 0..<400 { rig.accept(rig.request(account: "\(index)")) }
        var running = rig.newCalls()
        #expect(running.count == 4)
        for expected in [8, 16, 32, 64] {
            rig.end(running.removeFirst(), .delivered)
            running += rig.newCalls()
            #expect(running.count == expected)
        }
    }

    @Test func `a takeover begins slowly again, and so does an account of which nothing is known`() {
        let rig = Rig(.quiet { $0.firstCalls = 4 })
        for index in 0..<40 { rig.accept(rig.request(to: "u:\(index)")) }
        var called = rig.newCalls()
        #expect(called.count == 4)
        while !called.isEmpty {
            for offset in called { rig.end(offset, .delivered) }
            called = rig.newCalls()
        }
        for index in 0..<40 { rig.accept(rig.request(to: "v:\(index)")) }
        #expect(rig.newCalls().count == 40)
        for index in 0..<40 { rig.accept(rig.request(account: "2", to: "v:\(index)")) }
        #expect(rig.newCalls().count == 4)
        rig.engine.assign(1, epoch: 2, now: rig.now)
        for index in 0..<40 { rig.accept(rig.request(account: "3", to: "v:\(index)")) }
        #expect(rig.newCalls() == [])
    }

    @Test func `below ten accounts one that cannot send does not stop the others`() {
        let rig = Rig()
        rig.accept(rig.request(account: "1"))
        for offset in rig.newCalls() { rig.end(offset, .tokenDead) }
        for index in 0..<60 {
            rig.accept(rig.request(account: "2", to: "u:\(index)"))
            for offset in rig.newCalls() { rig.end(offset, .delivered) }
        }
        #expect(rig.commit().count == 60)
        #expect(rig.engine.census.safety.pauses == 0)
    }

    @Test func `a single account of which most calls are refused alike pauses, and goes on once probes are delivered`()
        throws
    {
        let rig = Rig(.quiet { $0.maxInFlight = 1 })
        for index in 0..<100 { rig.accept(rig.request(to: "u:\(index)")) }
        var refused = 0
        while let offset = rig.newCalls().first {
            rig.end(offset, Self.refusal)
            refused += 1
        }
        #expect(refused == 20)
        while let offset = rig.advanceToNextCalls(within: 120_000).first { rig.end(offset, .delivered) }
        #expect(rig.commit().values.count { $0.status == .sent } == 80)
    }
}
