import InstagramMessaging
import SendEngine
import Testing

@Suite struct LimitTests {
    @Test func `an account sends as many messages in a second as its limit and no more`() {
        let rig = Rig(.quiet { $0.limits.messagesPerSecond = 3 })
        for index in 0..<7 { rig.accept(rig.request(to: "u:\(index)")) }
        #expect(rig.newCalls() == [0, 1, 2])
        #expect(rig.engine.nextWake == 1_000_000_000)
        rig.advance(by: 999)
        #expect(rig.newCalls() == [])
        rig.advance(by: 1)
        #expect(rig.newCalls() == [3, 4, 5])
    }

    @Test func `a media limit does not stand in the way of text and neither counts for the other`() {
        let rig = Rig(.quiet { $0.limits = .init(messagesPerSecond: 2, mediaPerSecond: 1) })
        for index in 0..<3 { rig.accept(rig.request(to: "u:\(index)", .media)) }
        for index in 3..<6 { rig.accept(rig.request(to: "u:\(index)")) }
        #expect(rig.newCalls() == [0, 3, 4])
        #expect(rig.engine.explain(account: "1", now: rig.now)?.nextDue == 1_000_000_000)
        rig.advance(by: 1_000)
        #expect(rig.newCalls() == [1, 5])
    }

    @Test func `private replies are bound per hour and count as messages per second`() {
        let settings = EngineSettings.quiet {
            $0.limits = .init(messagesPerSecond: 2, privateRepliesPerHour: 3)
            $0.startedMarksAreDurable = false
        }
        let rig = Rig(settings)
        for index in 0..<5 { rig.accept(rig.request(to: "c:\(index)", .privateReplies)) }
        rig.accept(rig.request(to: "u:1"))
        #expect(rig.newCalls() == [0, 1])
        rig.advance(by: 1_000)
        #expect(rig.newCalls() == [2, 5])
        for offset in Int64(0)...2 { rig.end(offset, .delivered) }
        rig.end(5, .delivered)
        rig.advance(by: 1_000)
        #expect(rig.newCalls() == [])
        let explained = rig.engine.explain(account: "1", now: rig.now)
        #expect(explained?.reason == .limit(.privateRepliesPerHour))
        #expect(explained?.nextDue == 3_600_000_000_000)
        #expect(rig.engine.census.accounts.limited == 1)
        rig.advance(by: 3_598_000)
        #expect(rig.newCalls() == [3, 4])
    }

    @Test func `replies to live comments have a limit of their own beside messages and the hourly one`() {
        let settings = EngineSettings.quiet {
            $0.limits = .init(messagesPerSecond: 2, privateRepliesPerHour: 1)
            $0.startedMarksAreDurable = false
        }
        let rig = Rig(settings)
        for index in 0..<3 { rig.accept(rig.request(to: "c:\(index)", .liveReplies)) }
        for index in 0..<3 { rig.accept(rig.request(to: "u:\(index)")) }
        #expect(Set(rig.newCalls()) == [0, 1, 3, 4])
        let explained = rig.engine.explain(account: "1", now: rig.now)
        #expect(explained?.reason == .limit(.messagesPerSecond))
        rig.advance(by: 999)
        #expect(rig.newCalls() == [])
        rig.advance(by: 1)
        #expect(Set(rig.newCalls()) == [2, 5])
    }

    @Test func `a retry counts like any other call`() {
        let rig = Rig(.quiet { $0.limits.messagesPerSecond = 1 })
        rig.accept(rig.request())
        #expect(rig.newCalls() == [0])
        rig.end(0, .notSent)
        rig.advance(by: 999)
        #expect(rig.newCalls() == [])
        rig.advance(by: 1)
        #expect(rig.newCalls() == [0])
    }

    @Test func `an account can have limits of its own`() {
        let rig = Rig(.quiet { $0.accountLimits["2"] = .init(messagesPerSecond: 1) })
        for index in 0..<3 { rig.accept(rig.request(account: "1", to: "u:\(index)")) }
        for index in 0..<3 { rig.accept(rig.request(account: "2", to: "u:\(index)")) }
        #expect(Set(rig.newCalls()) == [0, 1, 2, 3])
    }

    @Test func `a conversation can have a limit, which does not stop the others and outlives its requests`() {
        let rig = Rig(.quiet { $0.limits.perConversation = CallWindow(calls: 1, length: .seconds(5)) })
        rig.accept(rig.request(to: "u:1"))
        #expect(rig.newCalls() == [0])
        rig.end(0, .delivered)
        rig.accept(rig.request(to: "u:1"))
        rig.accept(rig.request(to: "u:2"))
        #expect(rig.newCalls() == [2])
        rig.advance(by: 4_999)
        #expect(rig.newCalls() == [])
        rig.advance(by: 1)
        #expect(rig.newCalls() == [1])
    }

    @Test func `the worker as a whole can have a limit`() {
        let rig = Rig(.quiet { $0.workerLimit = CallWindow(calls: 2, length: .seconds(1)) })
        for account in 0..<3 { rig.accept(rig.request(account: "\(account)")) }
        #expect(rig.newCalls() == [0, 1])
        #expect(rig.engine.explain(account: "2", now: rig.now)?.reason == .limit(.worker))
        #expect(rig.engine.nextWake == 1_000_000_000)
        rig.advance(by: 1_000)
        #expect(rig.newCalls() == [2])
    }

    @Test func `after a takeover an account waits one short window and the slack before its first call`() {
        let rig = Rig(EngineSettings())
        rig.advance(by: 100)
        rig.accept(rig.request())
        #expect(rig.newCalls() == [])
        #expect(rig.engine.explain(account: "1", now: rig.now)?.reason == .coldStart)
        rig.advance(by: 1_149)
        #expect(rig.newCalls() == [])
        rig.advance(by: 1)
        #expect(rig.newCalls() == [0])
    }

    @Test func `a cold start counts from the assignment, however long the state took to be read`() {
        let rig = Rig(EngineSettings())
        rig.advance(by: 1_000)
        let assignedAt = rig.now.monotonic - 700_000_000
        rig.epoch = 2
        rig.engine.assign(0, epoch: 2, assignedAt: assignedAt, now: rig.now)
        rig.accept(rig.request(offset: 0))
        rig.advance(by: 549)
        #expect(rig.newCalls() == [])
        rig.advance(by: 1)
        #expect(rig.newCalls() == [0])
    }

    @Test func `calls of a partition that was lost still count against the limit`() {
        let rig = Rig(.quiet { $0.limits.messagesPerSecond = 2 })
        for index in 0..<2 { rig.accept(rig.request(to: "u:\(index)")) }
        #expect(rig.newCalls() == [0, 1])
        rig.engine.remove([0], now: rig.now)
        rig.epoch = 2
        rig.engine.assign(0, epoch: 2, now: rig.now)
        rig.accept(rig.request(to: "u:0", offset: 0))
        rig.advance(by: 999)
        #expect(rig.newCalls() == [])
        rig.advance(by: 1)
        #expect(rig.newCalls() == [0])
    }
}
