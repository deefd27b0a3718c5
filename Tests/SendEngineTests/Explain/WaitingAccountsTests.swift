import InstagramMessaging
import SendEngine
import Testing

@Suite struct WaitingAccountsTests {
    /// Accounts with one more request each, all of which Graph answers with an outcome.
    private func rig(accounts: Int, _ outcome: (Int) -> CallOutcome) -> Rig {
        let rig = Rig()
        var firsts: [RecordID] = []
        for account in 1...accounts {
            firsts.append(rig.accept(rig.request(account: "\(account)")))
            for _ in 0..<account { rig.accept(rig.request(account: "\(account)")) }
        }
        rig.actions()
        for (index, id) in firsts.enumerated() { rig.end(id, outcome(index + 1)) }
        rig.actions()
        return rig
    }

    @Test func `those with the most requests come first, and no more than are wanted`() {
        let rig = rig(accounts: 30) { _ in .tokenDead }
        let waiting = rig.waitingAccounts(limit: 5)
        #expect(waiting.map(\.accountID) == ["30", "29", "28", "27", "26"])
        #expect(waiting.allSatisfy { $0.reason == .tokenDead && $0.cause != nil })
        #expect(rig.waitingAccounts(limit: 0).isEmpty)
        #expect(rig.waitingAccounts(limit: 100).count == 30)
    }

    @Test func `accounts that are free to go on are left out`() {
        let rig = rig(accounts: 6) { $0 % 2 == 0 ? .throttled : .delivered }
        #expect(rig.waitingAccounts(limit: 50).map(\.accountID) == ["6", "4", "2"])
    }

    @Test func `an account that Graph stopped comes before one with more requests at its limit`() {
        var limits = EngineSettings.quiet
        limits.limits.messagesPerSecond = 1
        let rig = Rig(limits)
        for conversation in 0..<20 { rig.accept(rig.request(account: "1", to: "u:\(conversation)")) }
        let stopped = rig.accept(rig.request(account: "2"))
        rig.actions()
        rig.end(stopped, .tokenDead)
        rig.actions()
        let waiting = rig.waitingAccounts(limit: 50)
        #expect(waiting.map(\.accountID) == ["2", "1"])
        #expect(waiting.last?.reason == .limit(.messagesPerSecond))
        // One place of two is kept for those that wait for a limit.
        #expect(rig.waitingAccounts(limit: 2).count == 2)
    }

    @Test func `all accounts wait while nothing may be sent`() {
        let rig = Rig()
        rig.engine.isSuspended = true
        for account in 1...3 { rig.accept(rig.request(account: "\(account)")) }
        rig.actions()
        let waiting = rig.waitingAccounts(limit: 50)
        #expect(waiting.count == 3 && waiting.allSatisfy { $0.reason == .suspended })
    }

    @Test func `a partition says what is outstanding until it is committed`() {
        let rig = Rig()
        for _ in 0..<3 { rig.accept(rig.request()) }
        rig.actions()
        #expect(rig.explain(partition: 0)?.outstanding == 3)
        #expect(rig.explain(partition: 0)?.inFlight == 1)
        rig.end(0, .delivered)
        rig.commit()
        #expect(rig.explain(partition: 0)?.outstanding == 2)
        #expect(rig.explain(partition: 7) == nil)
    }
}
