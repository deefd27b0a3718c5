import InstagramMessaging
import Testing

@testable import SendEngine

@Suite struct AccountEndingsTests {
    static let second: Int64 = 1_000_000_000
    static let error = SendError(category: .permission, message: "No.", code: 10)

    private func endings(inARow: Int = 5) -> AccountEndings {
        AccountEndings(window: .seconds(60), refusalsInARow: inARow)
    }

    /// Judges by every end there ever was, as the definition says.
    private struct Model {
        var ends: [String: [(verdict: AccountEndings.Verdict, at: Int64)]] = [:]
        let window: Int64
        let inARow: Int

        func isIn(_ time: Int64, _ now: Int64) -> Bool { time > now - window }

        func isActive(_ account: String, at now: Int64) -> Bool {
            ends[account, default: []].contains { isIn($0.at, now) }
        }

        func isFailing(_ account: String, at now: Int64) -> Bool {
            let all = ends[account, default: []]
            guard let last = all.last, isIn(last.at, now), last.verdict != .works else { return false }
            let row = all.reversed().prefix { $0.verdict != .works }
            // A row that nothing of remains in the window is over.
            var together: [AccountEndings.Verdict] = []
            var later = now
            for end in row {
                if later - end.at >= window, !together.isEmpty { break }
                together.append(end.verdict)
                later = end.at
            }
            let wasSent = all.contains { $0.verdict == .works && isIn($0.at, now) }
            return !wasSent || together.contains(.fails(isGivenUp: true)) || together.count >= inARow
        }
    }

    @Test(arguments: 1...60)
    func `counts are those of a model that remembers everything`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let inARow = Int.random(in: 1...6, using: &random)
        var endings = endings(inARow: inARow)
        var model = Model(window: 60 * Self.second, inARow: inARow)
        let accounts = (0..<Int.random(in: 1...12, using: &random)).map { "a\($0)" }
        let failures = Int.random(in: 5...95, using: &random)
        var now: Int64 = 0
        for _ in 0..<600 {
            now += Int64.random(in: 0...(10 * Self.second), using: &random)
            let account = accounts.randomElement(using: &random) ?? "a0"
            let verdict: AccountEndings.Verdict =
                Int.random(in: 0..<100, using: &random) < failures
                ? .fails(isGivenUp: Int.random(in: 0..<4, using: &random) == 0)
                : Bool.random(using: &random) ? .works : .says(isAnswer: true)
            endings.note(verdict, of: account, error: Self.error, at: now)
            if case .says = verdict {} else { model.ends[account, default: []].append((verdict, now)) }
            if Bool.random(using: &random) {
                now += Int64.random(in: 0...(70 * Self.second), using: &random)
                endings.expire(at: now)
            }
            #expect(endings.active == accounts.count { model.isActive($0, at: now) })
            #expect(endings.failing == accounts.count { model.isFailing($0, at: now) })
        }
    }

    @Test func `one refusal of an account that works does not make it fail, a row of them or a stop does`() {
        var endings = endings(inARow: 3)
        endings.note(.works, of: "1", error: nil, at: 0)
        endings.note(.fails(isGivenUp: false), of: "1", error: Self.error, at: 1)
        endings.note(.fails(isGivenUp: false), of: "1", error: Self.error, at: 2)
        #expect(endings.failing == 0)
        endings.note(.fails(isGivenUp: false), of: "1", error: Self.error, at: 3)
        #expect(endings.failing == 1)
        endings.note(.works, of: "1", error: nil, at: 4)
        #expect(endings.failing == 0)
        endings.note(.fails(isGivenUp: true), of: "1", error: Self.error, at: 5)
        #expect(endings.failing == 1)
        #expect(endings.active == 1)
    }

    @Test func `three refusals in a row with the same code, to different people, make an account fail`() {
        var endings = endings()
        func error(_ code: Int) -> SendError { SendError(category: .invalidRequest, message: "No.", code: code) }
        for person in ["a", "a", "b"] { endings.note(.refused, of: "1", person: person, error: error(100), at: 1) }
        #expect(endings.failing == 0)
        endings.note(.refused, of: "1", person: "c", error: error(2500), at: 2)
        endings.note(.refused, of: "1", person: "d", error: error(100), at: 2)
        endings.note(.refused, of: "1", person: "e", error: error(100), at: 2)
        #expect(endings.failing == 0)
        endings.note(.says(isAnswer: true), of: "1", person: "f", error: error(551), at: 3)
        for person in ["g", "h"] { endings.note(.refused, of: "1", person: person, error: error(100), at: 3) }
        #expect(endings.failing == 0)
        endings.note(.refused, of: "1", person: "i", error: error(100), at: 3)
        #expect(endings.failing == 1)
        endings.note(.works, of: "1", error: nil, at: 4)
        #expect(endings.failing == 0)
    }

    @Test func `an account counts for one window after its last end, and not a moment longer`() {
        var endings = endings()
        endings.note(.fails(isGivenUp: false), of: "1", error: Self.error, at: 0)
        endings.expire(at: 60 * Self.second - 1)
        #expect(endings.active == 1)
        endings.expire(at: 60 * Self.second)
        #expect(endings.active == 0)
        #expect(endings.failing == 0)
    }

    @Test func `the most frequent cause is that of most failing accounts`() throws {
        var endings = endings()
        for account in 0..<5 {
            let code = account < 2 ? 190 : 10
            let error = SendError(category: .permission, message: "Account \(account).", code: code)
            endings.note(.fails(isGivenUp: true), of: "\(account)", error: error, at: Int64(account))
        }
        let cause = try #require(endings.mostFrequentCause())
        #expect(cause.error.code == 10)
        #expect(cause.accounts == 3)
    }

    @Test func `memory is bounded however many accounts there are`() {
        var endings = endings()
        for account in 0..<(AccountEndings.mostAccounts + 1_000) {
            endings.note(account % 2 == 0 ? .works : .fails(isGivenUp: false), of: "\(account)", error: nil, at: 1)
        }
        #expect(endings.active == AccountEndings.mostAccounts)
        endings.expire(at: 61 * Self.second)
        #expect(endings.active == 0)
        #expect(endings.failing == 0)
    }

    static let verdicts: [(CallOutcome, AccountEndings.Verdict)] = [
        (CallOutcome.delivered, AccountEndings.Verdict.works),
        (.stopped, .fails(isGivenUp: true)), (.held, .fails(isGivenUp: true)), (.tokenDead, .fails(isGivenUp: true)),
        (.bad(.refused, .invalidRequest), .refused), (.bad(.refused, .graphError), .refused),
        (.bad(.refused, .permission, scope: .account, needsRepetition: true), .fails(isGivenUp: false)),
        (.featureRefused, .says(isAnswer: true)), (.bad(.refused, .permission, scope: .post), .says(isAnswer: true)),
        (.refused, .says(isAnswer: true)), (.bad(.refused, .outsideWindow, scope: .person), .says(isAnswer: true)),
        (.bad(.mediaFetch, .media), .says(isAnswer: true)), (.bad(.alreadyAnswered), .says(isAnswer: true)),
        (.unknown, .says(isAnswer: false)), (.notSent, .says(isAnswer: false)), (.throttled, .says(isAnswer: false)),
    ]

    @Test(arguments: verdicts)
    func `only what concerns an account or the application counts`(
        outcome: CallOutcome,
        verdict: AccountEndings.Verdict
    ) {
        #expect(outcome.safetyVerdict == verdict)
    }
}
