import InstagramMessaging
import Testing

@testable import SendEngine

/// Limits that change while calls count.
@Suite struct ChangedLimitsTests {
    private static func change(
        _ rig: Rig,
        _ limits: EngineSettings.LimitSettings,
        own: [String: EngineSettings.LimitSettings] = [:]
    ) {
        rig.engine.changeLimits(limits, accountLimits: own, now: rig.now)
    }

    @Test func `after a limit was lowered calls that were made before count against it`() {
        let rig = Rig(.quiet { $0.limits.messagesPerSecond = 4 })
        for index in 0..<8 { rig.accept(rig.request(to: "u:\(index)")) }
        #expect(rig.newCalls() == [0, 1, 2, 3])
        rig.advance(by: 400)
        Self.change(rig, .init(messagesPerSecond: 2))
        rig.advance(by: 599)
        #expect(rig.newCalls() == [])
        rig.advance(by: 1)
        #expect(rig.newCalls() == [4, 5])
        rig.advance(by: 999)
        #expect(rig.newCalls() == [])
        rig.advance(by: 1)
        #expect(rig.newCalls() == [6, 7])
    }

    @Test func `after a limit was raised waiting accounts go on at once and no further than the new one`() {
        let rig = Rig(.quiet { $0.limits.messagesPerSecond = 1 })
        for index in 0..<6 { rig.accept(rig.request(to: "u:\(index)")) }
        #expect(rig.newCalls() == [0])
        rig.advance(by: 100)
        #expect(rig.newCalls() == [])
        Self.change(rig, .init(messagesPerSecond: 4))
        #expect(rig.newCalls() == [1, 2, 3])
        #expect(rig.engine.explain(account: "1", now: rig.now)?.nextDue == 1_000_000_000)
    }

    @Test func `an account's own limits can be added, changed and taken away`() {
        let rig = Rig(.quiet { $0.limits.messagesPerSecond = 2 })
        for index in 0..<20 { rig.accept(rig.request(account: index < 10 ? "1" : "2", to: "u:\(index)")) }
        #expect(rig.newCalls().count == 4)
        Self.change(rig, .init(messagesPerSecond: 2), own: ["1": .init(messagesPerSecond: 5)])
        #expect(rig.newCalls() == [2, 3, 4])
        Self.change(rig, .init(messagesPerSecond: 2), own: ["1": .init(messagesPerSecond: 6)])
        #expect(rig.newCalls() == [5])
        Self.change(rig, .init(messagesPerSecond: 2))
        rig.advance(by: 1_000)
        #expect(Set(rig.newCalls()) == [6, 7, 12, 13])
    }

    @Test func `an account that comes later has the new limits`() {
        let rig = Rig(.quiet { $0.limits.messagesPerSecond = 1 })
        Self.change(rig, .init(messagesPerSecond: 2), own: ["2": .init(messagesPerSecond: 3)])
        for index in 0..<10 { rig.accept(rig.request(account: index < 5 ? "1" : "2", to: "u:\(index)")) }
        #expect(Set(rig.newCalls()) == [0, 1, 5, 6, 7])
    }

    @Test func `a call that only waits for its mark when its limit is lowered is not made above it`() {
        let rig = Rig(.quiet { $0.limits.messagesPerSecond = 3 })
        for index in 0..<3 { rig.accept(rig.request(to: "u:\(index)", .messages, .atMostOnce)) }
        #expect(rig.newCalls() == [])
        Self.change(rig, .init(messagesPerSecond: 1))
        rig.commit()
        #expect(rig.newCalls().count == 1)
        #expect(rig.engine.census.inFlight == 1)
        // The others mark and call again, one window after the other.
        for _ in 0..<2 {
            rig.advance(by: 999)
            rig.commit()
            #expect(rig.newCalls() == [])
            rig.advance(by: 1)
            _ = rig.newCalls()
            rig.commit()
            #expect(rig.newCalls().count == 1)
        }
        #expect(Set(rig.calls.map(\.offset)) == [0, 1, 2])
    }

    @Test func `the hourly limit keeps its memory when it changes`() {
        let rig = Rig(
            .quiet {
                $0.limits = .init(messagesPerSecond: 100, privateRepliesPerHour: 2)
                $0.startedMarksAreDurable = false
            }
        )
        for index in 0..<9 { rig.accept(rig.request(to: "c:\(index)", .privateReplies)) }
        #expect(rig.newCalls() == [0, 1])
        rig.advance(by: 60_000)
        Self.change(rig, .init(messagesPerSecond: 100, privateRepliesPerHour: 5))
        #expect(rig.newCalls() == [2, 3, 4])
        Self.change(rig, .init(messagesPerSecond: 100, privateRepliesPerHour: 1))
        rig.advance(by: 3_599_999)
        #expect(rig.newCalls() == [])
        rig.advance(by: 1)
        #expect(rig.newCalls() == [5])
    }

    @Test func `a new owner remembers more than its limit has room for, should that be raised`() throws {
        let settings = EngineSettings.quiet { $0.limits = .init(messagesPerSecond: 100, privateRepliesPerHour: 6) }
        let first = Rig(settings)
        for index in 0..<6 { first.accept(first.request(to: "c:\(index)", .privateReplies)) }
        _ = first.newCalls()
        first.commit()
        #expect(first.newCalls().count == 6)
        for offset in Int64(0)..<6 { first.end(offset, .delivered) }
        let batch = try #require(first.takeCommit())
        let written = try #require(batch.accounts.first { $0.accountID == "1" }?.memory)
        let memory = try #require(AccountMemory(decoding: written))

        var low = settings
        low.limits.privateRepliesPerHour = 2
        let second = Rig(low)
        second.engine.assign(0, epoch: 1, accounts: ["1": memory], now: second.now)
        for index in 0..<9 { second.accept(second.request(to: "c:\(index)", .privateReplies)) }
        Self.change(second, .init(messagesPerSecond: 100, privateRepliesPerHour: 7))
        _ = second.newCalls()
        second.commit()
        #expect(second.newCalls().count == 1)
    }

    // MARK: Against a brute-force count

    /// A call as an observer beside Graph sees it.
    private struct Seen {
        var start: Int64
        var arrival: Int64
        /// The limit in force when it started.
        var limit: Int
    }

    /// Over all windows: none holds more arrivals than the limit that was in force when the last of its calls started.
    private static func excess(of calls: [Seen], length: Int64) -> String? {
        for first in calls {
            var members = 0
            var last: Seen?
            for call in calls where call.arrival >= first.arrival && call.arrival < first.arrival + length {
                members += 1
                if call.start >= last?.start ?? .min { last = call }
            }
            if let last, members > last.limit {
                return "\(members) calls from \(first.arrival) on, the limit is \(last.limit) since \(last.start)"
            }
        }
        return nil
    }

    @Test func `the count finds what is too much`() {
        let calls = [Seen(start: 0, arrival: 0, limit: 2), Seen(start: 1, arrival: 1, limit: 2)]
        #expect(Self.excess(of: calls + [Seen(start: 9, arrival: 9, limit: 2)], length: 10) != nil)
        #expect(Self.excess(of: calls + [Seen(start: 9, arrival: 10, limit: 2)], length: 10) == nil)
        #expect(Self.excess(of: calls + [Seen(start: 9, arrival: 11, limit: 1)], length: 10) == nil)
    }

    @Test(arguments: 1...40)
    func `no stretch of time holds more arrivals than the limit in force`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let length = Int64.random(in: 20...1_000, using: &random)
        let slack = Int64.random(in: 0...300, using: &random)
        var limit = Int.random(in: 1...12, using: &random)
        var window = SlidingWindow(calls: limit, length: length, slack: slack)
        var running: [(start: Int64, answer: Int64)] = []
        var calls: [Seen] = []
        var now: Int64 = 0
        for _ in 0..<1_200 {
            now += Int64.random(in: 0...(length / 6 + 1), using: &random)
            if Int.random(in: 0..<25, using: &random) == 0 {
                limit = Int.random(in: 1...12, using: &random)
                window.change(limit: limit)
            }
            running.removeAll { call in
                guard call.answer <= now else { return false }
                window.answered(startedAt: call.start, at: now)
                return true
            }
            let room = window.room(at: now)
            guard room == .now else {
                // What it promises holds: at that moment there is room, and not one moment before.
                guard case .at(let due) = room else { continue }
                #expect(window.room(at: due) == .now && window.room(at: due - 1) != .now)
                continue
            }
            window.start(at: now)
            let answer = now + Int64.random(in: 0...600, using: &random)
            let arrival = Int64.random(in: now...min(answer, now + slack), using: &random)
            calls.append(Seen(start: now, arrival: arrival, limit: limit))
            running.append((now, answer))
        }
        #expect(calls.count > 40)
        #expect(Self.excess(of: calls, length: length) == nil)
    }

    @Test(arguments: 1...40)
    func `whole engines keep to limits that change under load`(seed: UInt64) {
        var play = LimitPlay(seed: seed)
        play.run(steps: 700)
        #expect(play.calls.count > 100)
        for account in LimitPlay.accounts {
            for (window, length) in LimitPlay.windows {
                let seen = play.calls.filter { $0.account == account && $0.counts(in: window) }
                    .map { Seen(start: $0.start, arrival: $0.arrival, limit: $0.limit(of: window)) }
                #expect(Self.excess(of: seen, length: length) == nil, "\(account) \(window)")
            }
        }
    }
}
