import InstagramMessaging
import SendEngine
import Testing

@Suite struct ScopeTests {
    /// Refusals, each after which five texts to other people go out at once.
    static let narrow: [CallOutcome] = [
        .bad(.refused, .recipientUnavailable, status: 400, code: 10),
        .bad(.refused, .permission, status: 403, code: 200, scope: .person),
        .bad(.refused, .permission, status: 403, code: 200, scope: .post),
        .bad(.throttled, .throttled, status: 400, code: 613, scope: .person),
        .featureRefused,
    ]

    @Test(arguments: narrow)
    func `what concerns a message, a person or a post stops nobody else`(outcome: CallOutcome) {
        let rig = Rig()
        rig.accept(rig.request(to: "u:1"))
        rig.actions()
        rig.end(0, outcome)
        for person in 2..<7 { rig.accept(rig.request(to: "u:\(person)")) }
        #expect(rig.newCalls().count == 5)
        #expect(rig.explain(account: "1")?.heldFeatures == [])
    }

    @Test func `three refusals in a row to different people hold the feature for ten minutes, and nothing else`() throws
    {
        let rig = Rig()
        for person in [1, 1, 2, 3] { rig.accept(rig.request(to: "u:\(person)", feature: .humanAgent)) }
        for offset in rig.newCalls() { rig.end(offset, .featureRefused) }
        #expect(rig.explain(account: "1")?.heldFeatures.map(\.feature) == [.humanAgent])
        #expect(rig.commit().count == 3)
        // The second one to the first person waits; other features go on, and other accounts.
        rig.accept(rig.request(to: "u:5"))
        rig.accept(rig.request(to: "c:5", feature: .link))
        rig.accept(rig.request(account: "2", to: "u:5", feature: .humanAgent))
        #expect(rig.newCalls().sorted() == [4, 5, 6])
        #expect(rig.explain(account: "1")?.reason == .featureHeld(.humanAgent))
        #expect(rig.explain(account: "1")?.cause?.code == 10)
        #expect(rig.explain(account: "1")?.reason.scope == .feature)
        let wait = try #require(rig.engine.takeLongWaits().first)
        #expect(wait.reason == .featureHeld(.humanAgent))
        #expect(wait.until == 600_000_000_000)
        rig.advance(by: 599_999)
        #expect(rig.newCalls() == [])
        rig.advance(by: 1)
        #expect(rig.newCalls() == [1])
    }

    @Test func `refusals to one person, or with a delivery in between, hold nothing`() {
        let rig = Rig()
        for _ in 0..<5 { rig.accept(rig.request(to: "u:1", feature: .link)) }
        for _ in 0..<5 { for offset in rig.newCalls() { rig.end(offset, .featureRefused) } }
        #expect(rig.commit().count == 5)
        for person in 0..<9 {
            rig.accept(rig.request(to: "u:\(10 + person)", feature: .link))
            let isDelivered = person % 3 == 0
            for offset in rig.newCalls() { rig.end(offset, isDelivered ? .delivered : .featureRefused) }
        }
        #expect(rig.commit().count == 9)
        #expect(rig.explain(account: "1")?.heldFeatures == [])
    }

    @Test
    func
        `a hold doubles while the first call after it is answered the same way, up to a day, and ends with a delivery`()
    {
        let rig = Rig(.quiet { $0.retry.maxHold = .seconds(10 * 24 * 60 * 60) })
        for person in 0..<14 { rig.accept(rig.request(to: "u:\(person)", feature: .link)) }
        var waits: [Int64] = []
        for offset in rig.newCalls().prefix(3) { rig.end(offset, .featureRefused) }
        // Those that ran when the hold began say nothing of it.
        for offset in Int64(3)..<14 { rig.end(offset, .featureRefused) }
        for person in 0..<12 { rig.accept(rig.request(to: "v:\(person)", feature: .link)) }
        while waits.count < 9 {
            let start = rig.milliseconds
            let probe = rig.advanceToNextCalls()
            #expect(probe.count == 1)
            waits.append((rig.milliseconds - start) / 60_000)
            for offset in probe { rig.end(offset, waits.count < 9 ? .featureRefused : .delivered) }
        }
        #expect(waits == [10, 20, 40, 80, 160, 320, 640, 1_280, 1_440])
        #expect(rig.newCalls().count == 3)
        #expect(rig.explain(account: "1")?.heldFeatures == [])
    }

    @Test func `account refusals that need repetition hold the account only after three people`() {
        let refusal = CallOutcome.bad(
            .refused,
            .permission,
            status: 403,
            code: 200,
            scope: .account,
            needsRepetition: true
        )
        let rig = Rig()
        for person in 0..<3 {
            rig.accept(rig.request(to: "u:\(person)"))
            #expect(rig.newCalls().count == 1)
            rig.end(Int64(person), refusal)
        }
        rig.accept(rig.request(to: "u:9"))
        #expect(rig.newCalls() == [])
        #expect(rig.explain(account: "1")?.reason == .stopped)
        #expect(rig.explain(account: "1")?.cause?.code == 200)
        #expect(rig.advanceToNextCalls() == [3])
        #expect(rig.milliseconds == 600_000)
        rig.end(3, refusal)
        rig.accept(rig.request(to: "u:10"))
        #expect(rig.advanceToNextCalls() == [4])
        #expect(rig.milliseconds == 1_800_000)
    }

    @Test func `a held feature ends what its deadline keeps from waiting, and what has waited for maxHold`() throws {
        let rig = Rig(.quiet { $0.retry.maxHold = .seconds(300) })
        for person in 0..<3 { rig.accept(rig.request(to: "u:\(person)", feature: .link)) }
        for offset in rig.newCalls() { rig.end(offset, .featureRefused) }
        _ = rig.commit()
        rig.accept(rig.request(to: "u:4", feature: .link, expiresAfter: 500_000))
        rig.accept(rig.request(to: "u:5", feature: .link))
        rig.accept(rig.request(to: "u:6", expiresAfter: 500_000))
        #expect(try rig.ending(of: 3).status == .expired)
        #expect(rig.newCalls() == [5])
        rig.advance(by: 300_000)
        let ending = try rig.ending(of: 4)
        #expect(ending.status == .failed)
        #expect(ending.error?.category == .permission)
    }

    @Test func `neither refusals of a feature nor of people shut the safety valve`() {
        let rig = Rig(.quiet { $0.maxInFlight = 1 })
        for person in 0..<60 {
            let outcome: CallOutcome =
                person % 2 == 0 ? .featureRefused : .bad(.refused, .permission, status: 403, code: 200, scope: .post)
            rig.accept(rig.request(account: "\(person % 20)", to: "u:\(person)", feature: .humanAgent))
            for offset in rig.newCalls() { rig.end(offset, outcome) }
        }
        #expect(rig.engine.census.safety.pauses == 0)
    }
}
