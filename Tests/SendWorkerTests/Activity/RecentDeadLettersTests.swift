import InstagramMessaging
import Testing

@testable import SendWorker

@Suite struct RecentDeadLettersTests {
    @Test func theLastTwentyAreKeptTheNewestFirstAndAllAreCounted() {
        var letters = RecentDeadLetters()
        for offset in 0..<50 as Range<Int64> {
            letters.record(EndedRequest.result(.failed, category: offset % 5 == 0 ? .token : .media, offset: offset))
        }
        #expect(letters.newestFirst.map(\.offset) == (30..<50).reversed())
        #expect(letters.counts == [.token: 10, .media: 40])
    }

    @Test func fewerThanTwentyAreTheNewestFirstToo() {
        var letters = RecentDeadLetters()
        for offset in 0..<3 as Range<Int64> {
            letters.record(EndedRequest.result(.expired, category: .expired, offset: offset))
        }
        #expect(letters.newestFirst.map(\.offset) == [2, 1, 0])
    }

    @Test func whatWasSentIsNoDeadLetter() {
        var letters = RecentDeadLetters()
        letters.record(EndedRequest.result(.sent))
        #expect(letters.newestFirst.isEmpty && letters.counts.isEmpty)
    }

    @Test func longMessagesAreCut() {
        var letters = RecentDeadLetters()
        letters.record(
            EndedRequest.result(.failed, category: .graphError, message: String(repeating: "é", count: 5_000))
        )
        #expect(letters.newestFirst[0].message.count == 300)
    }
}
