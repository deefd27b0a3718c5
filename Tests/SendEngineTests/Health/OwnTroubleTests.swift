import InstagramMessaging
import SendEngine
import Testing

/// What is one account's own trouble stays so, is not forgotten, and ends.
@Suite struct OwnTroubleTests {
    private static let refusal = CallOutcome.bad(.refused, .invalidRequest, status: 400, code: 100)

    /// Accepts a request and ends its call at once.
    @discardableResult
    private func play(_ rig: Rig, _ account: String, to person: String, _ outcome: CallOutcome) -> Int {
        rig.accept(rig.request(account: account, to: person))
        let called = rig.newCalls()
        for offset in called { rig.end(offset, outcome) }
        return called.count
    }

    // MARK: The safety valve

    @Test func `one account of two whose messages are refused does not stop the other`() {
        let rig = Rig()
        for index in 0..<60 {
            play(rig, "1", to: "u:\(index)", Self.refusal)
            if index % 3 == 0 { play(rig, "2", to: "u:\(index)", .delivered) }
        }
        #expect(rig.engine.census.safety.pauses == 0)
    }

    @Test func `a list of one account that is refused alike does not stop two hundred others`() {
        let rig = Rig()
        for index in 0..<200 { play(rig, "\(index)", to: "u:1", .delivered) }
        for index in 0..<40 { play(rig, "7", to: "v:\(index)", Self.refusal) }
        #expect(rig.engine.census.safety.pauses == 0)
    }

    @Test func `two of three accounts that are always refused do not keep calls stopped for ever`() {
        let rig = Rig(.quiet { $0.maxInFlight = 3 })
        for index in 0..<200 {
            for account in 1...3 {
                rig.accept(rig.request(account: "\(account)", to: "u:\(index)"))
            }
        }
        var pausedAt: Int64?
        while rig.milliseconds < 600_000, pausedAt == nil || rig.engine.census.safety.state != .sending {
            let called = rig.advanceToNextCalls(within: 600_000 - rig.milliseconds)
            if called.isEmpty { break }
            for offset in called { rig.end(offset, offset % 3 == 2 ? .delivered : Self.refusal) }
            if rig.engine.census.safety.state != .sending { pausedAt = pausedAt ?? rig.milliseconds }
        }
        #expect(pausedAt != nil)
        #expect(rig.engine.census.safety.state == .sending)
        #expect(rig.milliseconds < 300_000)
    }

    @Test func `ten failing accounts are not judged before half of the minimum of calls`() {
        let rig = Rig(.quiet { $0.safety.minimumCalls = 1_000 })
        for index in 0..<400 { play(rig, "\(index)", to: "u:1", .tokenDead) }
        #expect(rig.engine.census.safety.pauses == 0)
        for index in 400..<500 { play(rig, "\(index)", to: "u:1", .tokenDead) }
        #expect(rig.engine.census.safety.state == .paused)
    }

    @Test func `a slow start ends by deliveries alone, and refusals do not slow what is delivered`() {
        let rig = Rig(.quiet { $0.firstCalls = 4 })
        for index in 0..<300 { rig.accept(rig.request(account: "\(index)")) }
        for _ in 0..<20 {
            let called = rig.newCalls()
            #expect(called.count == 4)
            for offset in called { rig.end(offset, .featureRefused) }
        }
        var running = rig.newCalls()
        rig.end(running.removeFirst(), .delivered)
        running += rig.newCalls()
        #expect(running.count == 8)
        #expect(rig.explain(account: "299")?.reason == .startingSlowly)
        for _ in 0..<6 {
            rig.end(running.removeFirst(), Self.refusal)
            running += rig.newCalls()
            #expect(running.count == 8)
        }
    }

    // MARK: What is remembered

    @Test func `an account that is seldom called is known by three answers without an end, too`() {
        let rig = Rig()
        for index in 0..<4 {
            for other in 2..<6 { play(rig, "\(other)", to: "u:\(index)", .delivered) }
            #expect(play(rig, "1", to: "u:\(index)", .answeredUnknown) == (index < 3 ? 1 : 0))
            rig.commit()
            rig.advance(by: index < 2 ? 120_000 : 10)
        }
        #expect(rig.explain(account: "1")?.reason == .answersUnknown)
    }

    @Test func `refusals of a feature minutes apart hold it`() {
        let rig = Rig()
        for index in 0..<3 {
            rig.accept(rig.request(to: "u:\(index)", feature: .humanAgent))
            for offset in rig.newCalls() { rig.end(offset, .featureRefused) }
            rig.commit()
            rig.advance(by: 120_000)
        }
        #expect(rig.explain(account: "1")?.heldFeatures.map(\.feature) == [.humanAgent])
    }

    @Test func `a refusal of links holds links, whatever its message was taken for`() {
        let rig = Rig()
        var outcome = CallOutcome.featureRefused
        outcome.feature = .link
        for index in 0..<3 { play(rig, "1", to: "u:\(index)", outcome) }
        #expect(rig.explain(account: "1")?.heldFeatures.map(\.feature) == [.link])
        #expect(play(rig, "1", to: "u:9", .delivered) == 1)
    }

    @Test func `an answer to a call from before a hold does not end it`() {
        let rig = Rig()
        for index in 0..<12 { rig.accept(rig.request(to: "u:\(index)")) }
        let called = rig.newCalls()
        rig.end(called[0], .held)
        for offset in called.dropFirst() { rig.end(offset, .delivered) }
        for index in 0..<12 { rig.accept(rig.request(to: "v:\(index)")) }
        #expect(rig.newCalls() == [])
        // One call shows whether it is over; a second hold lasts twice as long.
        let trial = rig.advanceToNextCalls()
        #expect(trial.count == 1)
        #expect(rig.milliseconds >= 1_800_000)
        for offset in trial { rig.end(offset, .held) }
        _ = rig.advanceToNextCalls()
        #expect(rig.milliseconds >= 1_800_000 + 3_600_000)
    }

    // MARK: How long a request waits

    @Test func `a dead token ends what waits, also where a feature was held before`() {
        let rig = Rig(.quiet { $0.retry.maxHold = .seconds(3_600) })
        for index in 0..<3 {
            rig.accept(rig.request(to: "l:\(index)", feature: .link))
            for offset in rig.newCalls() { rig.end(offset, .featureRefused) }
        }
        for _ in 0..<3 { rig.accept(rig.request(to: "u:1")) }
        for offset in rig.newCalls() { rig.end(offset, .tokenDead) }
        rig.commit()
        rig.advance(by: 3_700_000)
        #expect(rig.commit().values.map(\.status) == [.failed, .failed, .failed])
    }

    @Test func `a person who is throttled with a time is not called before it, whichever message is next`() {
        let rig = Rig()
        rig.accept(rig.request(to: "u:1", expiresAfter: 600_000))
        for _ in 0..<5 { rig.accept(rig.request(to: "u:1")) }
        rig.accept(rig.request(to: "u:2"))
        for offset in rig.newCalls() {
            let isFirst = offset == 0
            let throttled = CallOutcome.bad(.throttled, .throttled, code: 613, scope: .person, retryAfter: 3_600_000)
            rig.end(offset, isFirst ? throttled : .delivered)
        }
        #expect(rig.engine.takeLongWaits().map(\.reason) == [.conversationCooling])
        #expect(rig.commit().count == 2, "the first one cannot be sent in time")
        #expect(rig.newCalls() == [])
        #expect(rig.advanceToNextCalls() == [1])
        #expect(rig.milliseconds >= 3_600_000)
    }

    @Test func `a message that waits as Graph asks is told of`() {
        let rig = Rig()
        rig.accept(rig.request(to: "u:1"))
        rig.actions()
        rig.end(0, .bad(.notSent, .endpointUnavailable, status: 503, retryAfter: 3_600_000))
        let waits = rig.engine.takeLongWaits()
        #expect(waits.map(\.reason) == [.conversationCooling])
        #expect(waits.first?.accountID == "1")
    }

    @Test func `the application's wait is told of, too, where a call that was given up brings it`() {
        let rig = Rig()
        rig.accept(rig.request())
        rig.actions()
        rig.engine.remove([0], now: rig.now)
        rig.end(0, .bad(.applicationThrottled, .throttled, code: 4, retryAfter: 3_600_000))
        #expect(rig.engine.takeLongWaits().map(\.reason) == [.applicationCooling])
    }

    @Test func `a throttle that is over lets calls go on within seconds of the first delivery`() {
        let rig = Rig()
        var next = 0
        func fill() {
            while next < 400 {
                rig.accept(rig.request(to: "u:\(next)"))
                next += 1
            }
        }
        fill()
        // Throttled for ten minutes: one call a minute is left.
        while rig.milliseconds < 600_000 {
            for offset in rig.advanceToNextCalls(within: 600_000 - rig.milliseconds) { rig.end(offset, .throttled) }
        }
        for offset in rig.advanceToNextCalls() { rig.end(offset, .delivered) }
        let start = rig.milliseconds
        var delivered = 1
        while rig.milliseconds < start + 30_000, delivered < 300 {
            for offset in rig.advanceToNextCalls(within: 30_000) {
                rig.end(offset, .delivered)
                delivered += 1
            }
        }
        #expect(delivered >= 100, "\(delivered) within 30 s")
    }
}
