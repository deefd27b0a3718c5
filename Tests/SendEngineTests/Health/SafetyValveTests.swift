import InstagramMessaging
import SendEngine
import Testing

@Suite struct SafetyValveTests {
    /// What Graph says to everybody while the trouble lasts.
    static let troubles: [CallOutcome] = [.stopped, .tokenDead, .held, .bad(.refused, .graphError, status: 400)]

    /// Accounts with a conversation each, of which one call runs at a time.
    private func slowRig(accounts: Int = 20, perAccount: Int = 5) -> Rig {
        let rig = Rig(
            .quiet {
                $0.maxInFlight = 1
                $0.safety.minimumCalls = 10
            }
        )
        for _ in 0..<perAccount {
            for account in 0..<accounts { rig.accept(rig.request(account: "\(account)")) }
        }
        return rig
    }

    @Test func `calls stop once enough accounts fail, and the others' requests wait`() {
        let rig = slowRig()
        var called = 0
        while let offset = rig.newCalls().first {
            rig.end(offset, .stopped)
            called += 1
        }
        #expect(called == 10)
        #expect(rig.engine.census.safety.state == .paused)
        #expect(rig.engine.census.safety.failing == 10)
        #expect(rig.engine.census.safety.active == 10)
        #expect(rig.engine.census.safety.error?.category == .permission)
        #expect(rig.engine.census.safety.accountsWithError == 10)
        #expect(rig.engine.census.safety.since == rig.wall(0))
        #expect(rig.explain(account: "15")?.reason == .safetyValve)
        // A hold ends no request by itself.
        #expect(rig.commit().isEmpty)
    }

    @Test func `with fewer calls than the minimum calls never stop`() {
        let rig = slowRig(accounts: 9)
        var called = 0
        while let offset = rig.newCalls().first {
            rig.end(offset, .stopped)
            called += 1
        }
        #expect(called == 9)
        #expect(rig.engine.census.safety.state == .sending)
        #expect(rig.engine.census.safety.pauses == 0)
    }

    @Test func `calls do not stop while enough accounts work`() {
        let rig = slowRig(accounts: 40, perAccount: 3)
        // Every second account but one: at no moment half of those that were active until then.
        while let offset = rig.newCalls().first {
            let account = offset % 40
            rig.end(offset, account % 2 == 1 && account > 1 ? .stopped : .delivered)
        }
        #expect(rig.engine.census.safety.pauses == 0)
        #expect(rig.engine.census.safety.failing == 19)
        #expect(rig.engine.census.safety.active == 40)
    }

    @Test func `it can be switched off`() {
        let rig = Rig(
            .quiet {
                $0.maxInFlight = 1
                $0.safety.isEnabled = false
            }
        )
        for account in 0..<20 { rig.accept(rig.request(account: "\(account)")) }
        var called = 0
        while let offset = rig.newCalls().first {
            rig.end(offset, .stopped)
            called += 1
        }
        #expect(called == 20)
        #expect(rig.engine.census.safety.state == .sending)
    }

    @Test(arguments: troubles)
    func `while calls are stopped one probe at a time is made, at growing delays, for one account after the other`(
        trouble: CallOutcome
    ) throws {
        let rig = slowRig(accounts: 30)
        while let offset = rig.newCalls().first { rig.end(offset, trouble) }
        #expect(rig.engine.census.safety.state == .paused)
        _ = rig.commit()
        var last = rig.milliseconds
        var accounts: Set<Int64> = []
        var ended = 0
        for delay in [5_000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000, 60_000] as [Int64] {
            let probes = rig.advanceToNextCalls()
            #expect(probes.count == 1)
            let probe = try #require(probes.first)
            #expect(rig.milliseconds - last == delay)
            accounts.insert(probe % 30)
            #expect(rig.newCalls() == [])
            #expect(rig.engine.census.safety.state == .probing)
            rig.advance(by: 100)
            last = rig.milliseconds
            rig.end(probe, trouble)
            ended += rig.commit().count
        }
        #expect(accounts.count == 8)
        #expect(ended <= 8)
    }

    @Test(arguments: troubles)
    func `three delivered probes of different accounts let calls go on, and everything is sent`(
        trouble: CallOutcome
    ) throws {
        let rig = slowRig(accounts: 30)
        while let offset = rig.newCalls().first { rig.end(offset, trouble) }
        var endings = rig.commit()
        var accounts: Set<Int64> = []
        for count in 1...3 {
            let probe = try #require(rig.advanceToNextCalls().first)
            accounts.insert(probe % 30)
            rig.end(probe, .delivered)
            #expect(rig.engine.census.safety.state == (count < 3 ? .probing : .sending))
        }
        #expect(accounts.count == 3)
        #expect(rig.milliseconds == 15_000)
        while let offset = rig.advanceToNextCalls().first { rig.end(offset, .delivered) }
        endings.merge(rig.commit()) { first, _ in first }
        #expect(endings.count == 150)
        #expect(endings.values.count { $0.status != .sent } <= 10)
    }

    @Test func `all accounts may be given up at once: they are probed and freed all the same`() throws {
        let rig = Rig(
            .quiet {
                $0.maxInFlight = 1_000
                $0.safety.minimumCalls = 10
            }
        )
        for _ in 0..<5 { for account in 0..<100 { rig.accept(rig.request(account: "\(account)")) } }
        for offset in rig.newCalls() { rig.end(offset, .stopped) }
        #expect(rig.engine.census.accounts.stopped == 100)
        var endings = rig.commit()
        #expect(endings.isEmpty)
        while rig.engine.census.safety.state != .sending {
            let probe = try #require(rig.advanceToNextCalls().first)
            rig.end(probe, .delivered)
        }
        #expect(rig.milliseconds == 15_000)
        while case let called = rig.advanceToNextCalls(within: 60_000), !called.isEmpty {
            for offset in called { rig.end(offset, .delivered) }
        }
        endings.merge(rig.commit()) { first, _ in first }
        #expect(endings.count == 500)
        #expect(endings.values.count { $0.status == .sent } == 500)
        #expect(rig.milliseconds < 30_000)
    }

    @Test func `after a pause calls are let through in growing numbers`() throws {
        let rig = Rig(.quiet { $0.maxInFlight = 64 })
        for account in 0..<200 { rig.accept(rig.request(account: "\(account)")) }
        while rig.engine.census.safety.state == .sending {
            for offset in rig.newCalls() { rig.end(offset, .stopped) }
        }
        while rig.engine.census.safety.state != .sending {
            let probe = try #require(rig.advanceToNextCalls().first)
            rig.end(probe, .delivered)
        }
        var most = 1
        var running = rig.newCalls()
        #expect(running.count == 1)
        while !running.isEmpty, most < 64 {
            rig.end(running.removeFirst(), .delivered)
            running += rig.newCalls()
            #expect(running.count <= 2 * most)
            most = max(most, running.count)
        }
        #expect(most > 30)
    }

    @Test func `a failed probe begins the counting of delivered ones anew`() throws {
        let rig = slowRig(accounts: 30)
        while let offset = rig.newCalls().first { rig.end(offset, .stopped) }
        for outcome in [CallOutcome.delivered, .delivered, .stopped, .delivered, .delivered] {
            rig.end(try #require(rig.advanceToNextCalls().first), outcome)
            #expect(rig.engine.census.safety.state != .sending)
        }
        rig.end(try #require(rig.advanceToNextCalls().first), .delivered)
        #expect(rig.engine.census.safety.state == .sending)
    }

    @Test func `where there is a single account its probes suffice`() throws {
        let rig = slowRig(accounts: 11, perAccount: 1)
        while let offset = rig.newCalls().first { rig.end(offset, .bad(.refused, .graphError)) }
        _ = rig.commit()
        for _ in 0..<3 { rig.accept(rig.request(account: "10", to: "u:9")) }
        for _ in 0..<3 { rig.end(try #require(rig.advanceToNextCalls().first), .delivered) }
        #expect(rig.engine.census.safety.state == .sending)
    }

    @Test func `deadlines still apply while calls are stopped`() throws {
        let rig = slowRig(accounts: 12, perAccount: 1)
        let late = rig.accept(rig.request(account: "77", expiresAfter: 3_000))
        while let offset = rig.newCalls().first { rig.end(offset, .stopped) }
        _ = rig.commit()
        rig.advance(by: 3_001)
        rig.actions()
        #expect(try rig.ending(of: late.offset).status == .expired)
    }

    @Test func `a request with a deadline of a stopped account is not given up while the stop may end sooner`() throws {
        let rig = slowRig(accounts: 12, perAccount: 2)
        while let offset = rig.newCalls().first { rig.end(offset, .stopped) }
        _ = rig.commit()
        // Account 9 shut the valve; a hold takes half an hour.
        let request = rig.accept(rig.request(account: "9", to: "u:9", expiresAfter: 60_000))
        #expect(rig.commit().isEmpty)
        while let offset = rig.advanceToNextCalls(within: 50_000).first { rig.end(offset, .delivered) }
        #expect(try rig.ending(of: request.offset).status == .sent)
    }

    @Test func `the command opens it at once and frees the accounts; it shuts again if failures go on`() throws {
        let rig = slowRig(accounts: 30)
        while let offset = rig.newCalls().first { rig.end(offset, .stopped) }
        rig.engine.resume(now: rig.now)
        #expect(rig.engine.census.safety.state == .sending)
        #expect(rig.engine.census.safety.active == 0)
        #expect(rig.engine.census.accounts.stopped == 0)
        var called = 0
        while let offset = rig.newCalls().first {
            rig.end(offset, .stopped)
            called += 1
        }
        #expect(called == 10)
        #expect(rig.engine.census.safety.pauses == 2)
        #expect(rig.engine.census.safety.state == .paused)
    }

    @Test func `a changed token is probed soon`() throws {
        let rig = slowRig(accounts: 30)
        while let offset = rig.newCalls().first { rig.end(offset, .tokenDead) }
        for _ in 0..<5 { rig.end(try #require(rig.advanceToNextCalls().first), .tokenDead) }
        rig.engine.tokensChanged((0..<30).map { "\($0)" }, now: rig.now)
        let start = rig.milliseconds
        for _ in 0..<3 { rig.end(try #require(rig.advanceToNextCalls().first), .delivered) }
        #expect(rig.milliseconds - start == 15_000)
        #expect(rig.engine.census.safety.state == .sending)
    }

    @Test func `what waited for a token before calls stopped does not end while they are stopped`() throws {
        let rig = slowRig(accounts: 20, perAccount: 5)
        while let offset = rig.newCalls().first { rig.end(offset, .tokenDead) }
        var ended = rig.commit()
        // Four times as long as a request waits for a token otherwise. What was called ends in its own time.
        let end = rig.milliseconds + 3_600_000
        while rig.milliseconds < end {
            for offset in rig.advanceToNextCalls() { rig.end(offset, .tokenDead) }
            ended.merge(rig.commit()) { first, _ in first }
        }
        let endedUncalled = ended.values.count { $0.attempts == 0 }
        #expect(endedUncalled == 0)
        rig.engine.tokensChanged((0..<20).map { "\($0)" }, now: rig.now)
        while ended.count < 100 {
            for offset in rig.advanceToNextCalls() { rig.end(offset, .delivered) }
            ended.merge(rig.commit()) { first, _ in first }
        }
        let lost = ended.values.count { $0.status != .sent && $0.attempts == 0 }
        #expect(lost == 0)
    }

    @Test func `a token of an account that has nothing to do with the pause does not bring the next probe nearer`()
        throws
    {
        let rig = slowRig(accounts: 30)
        while let offset = rig.newCalls().first { rig.end(offset, .bad(.refused, .graphError, status: 400)) }
        for _ in 0..<5 {
            rig.end(try #require(rig.advanceToNextCalls().first), .bad(.refused, .graphError, status: 400))
        }
        let start = rig.milliseconds
        rig.engine.tokensChanged(["29"], now: rig.now)
        _ = try #require(rig.advanceToNextCalls().first)
        #expect(rig.milliseconds - start == 60_000)
    }

    @Test func `a probe whose partition is lost does not block probing for ever`() throws {
        let rig = slowRig(accounts: 12, perAccount: 2)
        while let offset = rig.newCalls().first { rig.end(offset, .bad(.refused, .graphError)) }
        let probe = try #require(rig.advanceToNextCalls().first)
        let id = RecordID(partition: 0, offset: probe, epoch: 1)
        rig.engine.remove([0], now: rig.now)
        rig.epoch = 2
        rig.engine.assign(0, epoch: 2, now: rig.now)
        rig.accept(rig.request(account: "9", offset: 1_000))
        #expect(rig.advanceToNextCalls(within: 1_000) == [])
        rig.end(id, .stopped)
        #expect(rig.advanceToNextCalls() == [1_000])
    }

    @Test func `an at most once request can be the probe`() throws {
        let rig = slowRig(accounts: 10, perAccount: 1)
        while let offset = rig.newCalls().first { rig.end(offset, .bad(.refused, .graphError)) }
        _ = rig.commit()
        for account in 20..<30 { rig.accept(rig.request(account: "\(account)", .messages, .atMostOnce)) }
        rig.advance(by: 5_000)
        rig.actions()
        #expect(rig.engine.census.awaitingMark == 1)
        #expect(rig.engine.census.safety.state == .probing)
        _ = rig.commit()
        #expect(rig.newCalls().count == 1)
    }
}
