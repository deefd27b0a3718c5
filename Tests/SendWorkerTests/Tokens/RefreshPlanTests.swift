import InstagramMessaging
import Testing

@testable import SendWorker

@Suite(.timeLimit(.minutes(1)))
struct RefreshPlanTests {
    private static let start = Timestamp(millisecondsSinceEpoch: 1_800_000_000_000)
    private static let minute: Int64 = 60_000

    /// The minutes after the start at which an account is tried that always fails, looked at once a minute.
    private func tries(hoursLeft: Int64?, over minutes: Int64) -> [Int64] {
        var plan = RefreshPlan(refreshBefore: .seconds(7 * 86_400), baseURL: "https://graph.instagram.com")
        var reading = TokenReading()
        reading.tokens["1"] = AccessToken("t")
        reading.expiries["1"] = hoursLeft.map { Self.start.adding(milliseconds: $0 * 60 * Self.minute) }
        plan.update(reading, writtenAt: [:])
        var tries: [Int64] = []
        for passed in 0..<minutes {
            let now = Self.start.adding(milliseconds: passed * Self.minute)
            guard plan.next(now: now) != nil else { continue }
            tries.append(passed)
            plan.failed("1", now: now, share: 1)
        }
        return tries
    }

    @Test(arguments: [1, 5, 24, 7 * 24] as [Int64])
    func `failures are tried again up to the end of the token, and not after it`(hours: Int64) throws {
        let tries = tries(hoursLeft: hours, over: hours * 60 + 120)
        #expect(try #require(tries.last) == hours * 60 - 1, "\(tries)")
        for (attempt, following) in zip(tries, tries.dropFirst()) {
            #expect(following - attempt <= max(1, (hours * 60 - attempt) / 4 + 1), "\(tries)")
        }
        #expect(tries.count < 45, "\(tries)")
    }

    @Test func `failures are tried again later and later, once a day at last, where the end is far or unknown`() {
        let expected: [Int64] = [0, 15, 45, 105, 225, 465, 945, 1905, 3345, 4785]
        #expect(tries(hoursLeft: nil, over: 5000) == expected)
        #expect(tries(hoursLeft: 7 * 24, over: 3400) == Array(expected.prefix(9)))
    }

    @Test func `only tokens of Instagram Login are refreshed, each at its account's host`() {
        var plan = RefreshPlan(refreshBefore: .seconds(7 * 86_400), baseURL: "https://graph.instagram.com")
        var reading = TokenReading()
        reading.tokens = ["1": AccessToken("a"), "2": AccessToken("b"), "3": AccessToken("c"), "4": AccessToken("d")]
        reading.own = [
            "2": AccountSettings(pathID: "22"), "3": AccountSettings(baseURL: "https://graph.facebook.com"),
            "4": AccountSettings(baseURL: "https://graph.example.com"),
        ]
        plan.update(reading, writtenAt: [:])
        var seen: [String] = []
        while let next = plan.next(now: Self.start) {
            seen.append("\(next.accountID) \(next.baseURL)")
            plan.failed(next.accountID, now: Self.start, share: 1)
        }
        #expect(seen == ["1 https://graph.instagram.com", "4 https://graph.example.com"])
    }
}
