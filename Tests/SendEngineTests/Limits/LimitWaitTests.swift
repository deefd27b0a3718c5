import InstagramMessaging
import SendEngine
import Testing

@Suite struct LimitWaitTests {
    @Test func `a wait for a limit is counted when it begins, not while it lasts`() {
        let rig = Rig(.quiet { $0.limits.messagesPerSecond = 2 })
        for index in 0..<4 { rig.accept(rig.request(to: "u:\(index)")) }
        for offset in rig.newCalls() { rig.end(offset, .delivered) }
        #expect(rig.engine.census.totals.limitWaits[.messagesPerSecond] == 1)
        for index in 4..<20 {
            rig.accept(rig.request(to: "u:\(index)"))
            rig.advance(by: 10)
            rig.actions()
        }
        #expect(rig.engine.census.totals.limitWaits[.messagesPerSecond] == 1)
        rig.advance(by: 1_000)
        #expect(rig.newCalls().count == 2)
        #expect(rig.engine.census.totals.limitWaits[.messagesPerSecond] == 2)
        #expect(rig.engine.census.totals.limitWaits[.mediaPerSecond] == 0)
    }

    @Test func `each limit is counted by itself`() {
        let rig = Rig(
            .quiet {
                $0.limits.mediaPerSecond = 1
                $0.limits.privateRepliesPerHour = 1
                $0.limits.perConversation = CallWindow(calls: 1, length: .seconds(5))
                $0.startedMarksAreDurable = false
            }
        )
        for index in 0..<2 { rig.accept(rig.request(account: "1", to: "u:\(index)", .media)) }
        for index in 0..<2 { rig.accept(rig.request(account: "2", to: "u:\(index)", .privateReplies)) }
        for _ in 0..<2 { rig.accept(rig.request(account: "3", to: "u:1")) }
        for offset in rig.newCalls() { rig.end(offset, .delivered) }
        rig.actions()
        #expect(rig.engine.census.totals.limitWaits[.mediaPerSecond] == 1)
        #expect(rig.engine.census.totals.limitWaits[.privateRepliesPerHour] == 1)
        #expect(rig.engine.census.totals.limitWaits[.conversation] == 1)
        #expect(rig.engine.census.totals.limitWaits[.messagesPerSecond] == 0)
        #expect(rig.engine.census.totals.limitWaits[.worker] == 0)
    }

    @Test func `the worker's own limit counts once for all the accounts that it makes wait`() {
        let rig = Rig(.quiet { $0.workerLimit = CallWindow(calls: 3, length: .seconds(1)) })
        for account in 0..<10 { rig.accept(rig.request(account: "\(account)")) }
        for offset in rig.newCalls() { rig.end(offset, .delivered) }
        rig.actions()
        rig.advance(by: 100)
        rig.actions()
        #expect(rig.engine.census.totals.limitWaits[.worker] == 1)
        rig.advance(by: 1_000)
        #expect(rig.newCalls().count == 3)
        #expect(rig.engine.census.totals.limitWaits[.worker] == 2)
    }
}
