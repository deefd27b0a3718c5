import Testing

@testable import InstagramMessaging

@Suite("Answers that did not come to their end")
struct IncompleteAnswerTests {
    private func incomplete(
        _ status: Int,
        _ body: String = "",
        isTooLong: Bool = false,
        headers: [String: String] = [:]
    ) -> CallOutcome {
        GraphAnswer.classify(
            status: status,
            incompleteBody: Array(body.utf8),
            fault: "connection reset",
            isTooLong: isTooLong,
            category: .endpointUnavailable,
            header: { headers[$0] },
            now: answerTime
        )
    }

    @Test("A throttle is a throttle, with its time", arguments: [false, true])
    func throttle(isTooLong: Bool) {
        let outcome = incomplete(429, "<html>", isTooLong: isTooLong, headers: ["Retry-After": "8"])
        #expect(outcome.outcomeClass == .throttled)
        #expect(outcome.retryAfterMilliseconds == 8_000)
        #expect(outcome.httpStatus == 429)
        #expect(outcome.error?.message.contains("connection reset") == true)
    }

    @Test("A success is unknown, and was answered; its ids are not believed", arguments: [false, true])
    func success(isTooLong: Bool) {
        for body in ["", #"{"recipient_id":"5","message_id":"m_1"}"#, #"{"error":{"code":190}}"#] {
            let outcome = incomplete(200, body, isTooLong: isTooLong)
            #expect(outcome.outcomeClass == .unknown)
            #expect(outcome.messageID == nil)
            #expect(outcome.isAnsweredUnknown)
            #expect(outcome.error?.category == .endpointUnavailable)
        }
    }

    @Test("An error that came whole decides")
    func wholeError() {
        #expect(incomplete(400, #"{"error":{"code":190,"error_subcode":463}"#).outcomeClass == .tokenDead)
        #expect(incomplete(500, #"{"error":{"code":613},"note":"xx"#).outcomeClass == .throttled)
        #expect(incomplete(500, #"{"error":{"code":613"#).outcomeClass == .unknown)
    }

    @Test("Of the others the status decides; but 400 may be one of Graph's own that says nothing")
    func byStatus() {
        for status in [301, 401, 403, 404, 413] {
            #expect(incomplete(status).outcomeClass == .refused)
        }
        for status in [421, 425] { #expect(incomplete(status).outcomeClass == .notSent) }
        for status in [400, 408, 499, 500, 502] {
            let outcome = incomplete(status)
            #expect(outcome.outcomeClass == .unknown)
            #expect(!outcome.isAnsweredUnknown)
        }
        #expect(incomplete(400, isTooLong: true).outcomeClass == .refused)
        #expect(incomplete(403, "<p>blocked</p>", isTooLong: true).outcomeClass == .refused)
    }
}
