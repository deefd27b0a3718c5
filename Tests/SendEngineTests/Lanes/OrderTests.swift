import InstagramMessaging
import SendEngine
import Testing

@Suite struct OrderTests {
    @Test func `the next request of a conversation starts when the one before has ended`() {
        let rig = Rig()
        for _ in 0..<3 { rig.accept(rig.request()) }
        #expect(rig.newCalls() == [0])
        rig.end(0, .delivered)
        #expect(rig.newCalls() == [1])
        rig.end(1, .refused)
        #expect(rig.newCalls() == [2])
    }

    @Test func `a retry keeps its place at the head`() {
        let rig = Rig()
        for _ in 0..<2 { rig.accept(rig.request()) }
        #expect(rig.newCalls() == [0])
        rig.end(0, .notSent)
        #expect(rig.advanceToNextCalls() == [0])
        rig.end(0, .delivered)
        #expect(rig.newCalls() == [1])
        #expect(rig.attempts == [1, 2, 1])
    }

    @Test func `conversations of one account run side by side`() {
        let rig = Rig()
        for index in 0..<5 { rig.accept(rig.request(to: "u:\(index)")) }
        #expect(rig.newCalls() == [0, 1, 2, 3, 4])
    }

    @Test func `accounts take turns, so that a busy one does not starve a quiet one`() {
        let rig = Rig(.quiet { $0.maxInFlight = 4 })
        for index in 0..<50 { rig.accept(rig.request(account: "1", to: "u:\(index)")) }
        for index in 0..<2 { rig.accept(rig.request(account: "2", to: "u:\(index)")) }
        #expect(rig.newCalls() == [0, 50, 1, 51])
    }

    @Test func `conversations of an account take turns`() {
        let rig = Rig(.quiet { $0.maxInFlight = 1 })
        for _ in 0..<3 { rig.accept(rig.request(to: "u:1")) }
        for _ in 0..<3 { rig.accept(rig.request(to: "u:2")) }
        var order: [Int64] = []
        while let next = rig.newCalls().first {
            order.append(next)
            rig.end(next, .delivered)
        }
        #expect(order == [0, 3, 1, 4, 2, 5])
    }

    @Test func `no more calls run than allowed over all accounts`() {
        let rig = Rig(.quiet { $0.maxInFlight = 3 })
        for index in 0..<10 { rig.accept(rig.request(account: "\(index)")) }
        #expect(rig.newCalls() == [0, 1, 2])
        rig.end(1, .delivered)
        #expect(rig.newCalls() == [3])
        #expect(rig.engine.census.inFlight == 3)
    }

    @Test func `what needs a check is checked before its call, and a refusal ends it without one`() throws {
        let rig = Rig()
        let first = rig.accept(rig.request(to: "u:1", .media, needsPreparation: true))
        let second = rig.accept(rig.request(to: "u:2", .media, needsPreparation: true))
        #expect(rig.actions() == [.prepare(first), .prepare(second)])
        rig.engine.preparationEnded(first, refusal: nil, now: rig.now)
        let refusal = SendError(category: .media, message: "Too large.")
        rig.engine.preparationEnded(second, refusal: refusal, now: rig.now)
        #expect(rig.newCalls() == [0])
        let ending = try rig.ending(of: 1)
        #expect(ending.status == .rejected)
        #expect(ending.attempts == 0)
        #expect(ending.error == refusal)
        rig.end(0, .notSent)
        #expect(rig.advanceToNextCalls() == [0])
    }

    @Test func `an account is forgotten when there is nothing to remember of it`() {
        let rig = Rig()
        for account in 0..<1_000 { rig.accept(rig.request(account: "\(account)")) }
        while let offset = rig.calls.popLast()?.offset ?? rig.newCalls().first { rig.end(offset, .delivered) }
        #expect(rig.engine.census.accounts.total == 1_000)
        rig.advance(by: 2_000)
        #expect(rig.engine.census.accounts.total == 0)
        #expect(rig.engine.census.waiting == 0)
        #expect(rig.engine.nextWake == nil)
    }
}
