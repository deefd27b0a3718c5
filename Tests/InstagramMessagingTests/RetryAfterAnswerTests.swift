import InstagramMessaging
import Testing

@Suite("Retry-After of an answer")
struct RetryAfterAnswerTests {
    private func wait(_ value: String) -> Int64? {
        answer(429, "", headers: ["retry-after": value]).retryAfterMilliseconds
    }

    @Test("Seconds are taken as they are, up to a day")
    func seconds() {
        #expect(wait("0") == 0)
        #expect(wait("120") == 120_000)
        #expect(wait("  7 ") == 7000)
        #expect(wait("86400") == 86_400_000)
        #expect(wait("86401") == 86_400_000)
        #expect(wait("99999999999999999999999999") == 86_400_000)
    }

    @Test("All three date forms of HTTP count from now; a date in the past asks for no wait")
    func dates() {
        #expect(wait("Mon, 30 Jun 2025 12:01:30 GMT") == 90_000)
        #expect(wait("Monday, 30-Jun-25 12:01:30 GMT") == 90_000)
        #expect(wait("Mon Jun 30 12:01:30 2025") == 90_000)
        #expect(wait("mon, 30 jun 2025 12:01:30 gmt") == 90_000)
        #expect(wait("Sun, 06 Nov 1994 08:49:37 GMT") == 0)
        #expect(wait("Sunday, 06-Nov-94 08:49:37 GMT") == 0)
        #expect(wait("Sun Nov  6 08:49:37 1994") == 0)
        #expect(wait("Tue, 29 Feb 2028 00:00:00 GMT") == 86_400_000)
    }

    @Test(
        "Anything else is as good as no header",
        arguments: [
            "", " ", "soon", "-5", "1.5", "+3", "30 Jun 2025", "Mon, 31 Jun 2025 12:00:00 GMT",
            "Mon, 30 Jun 2025 24:00:00 GMT", "Mon, 30 Foo 2025 12:00:00 GMT", "Mon, 30 Jun 2025 12:00 GMT",
            "Tue, 29 Feb 2027 00:00:00 GMT", "Mon, 30 Jun 20255 12:00:00 GMT", "GMT", ",,,,", "٣",
        ]
    )
    func nonsense(_ value: String) {
        #expect(wait(value) == nil)
    }

    @Test("It is read from every answer, also from a success, and its absence is nil")
    func everywhere() {
        let success = answer(200, #"{"message_id":"m"}"#, headers: ["Retry-After": "3"])
        #expect(success.outcomeClass == .delivered)
        #expect(success.retryAfterMilliseconds == 3000)
        #expect(answer(200, #"{"message_id":"m"}"#).retryAfterMilliseconds == nil)
    }

    @Test("Clocks at the ends of their range do not trap")
    func extremeClocks() {
        for now in [Int64.min, 0, .max] {
            let outcome = GraphAnswer.classify(
                status: 429,
                body: [],
                header: { _ in "Monday, 30-Jun-25 12:01:30 GMT" },
                expectsMessageID: true,
                now: Timestamp(millisecondsSinceEpoch: now)
            )
            #expect(outcome.retryAfterMilliseconds != nil)
        }
    }
}
