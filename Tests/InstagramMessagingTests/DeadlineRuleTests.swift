import InstagramMessaging
import Testing

@Suite struct DeadlineRuleTests {
    private func record(
        _ extra: String,
        recipient: String = #"{"id":"1"}"#,
        content: String = SampleRecord.text
    ) -> String {
        SampleRecord.json(content, recipient: recipient, extra: "," + extra)
    }

    private func moment(_ milliseconds: Int64) -> String {
        SampleRecord.now.adding(milliseconds: milliseconds).rfc3339
    }

    private let day: Int64 = 86_400_000
    private let humanAgent = #""messaging_type":"MESSAGE_TAG","tag":"HUMAN_AGENT""#

    @Test func theWindowClosesExactlyADayAfterThePersonWrote() throws {
        let open = try #require(judge(record(#""last_inbound_at":"\#(moment(1 - day))""#)).acceptance)
        #expect(open.request.windowClosesAt == SampleRecord.now.adding(milliseconds: 1))
        let closed = try #require(judge(record(#""last_inbound_at":"\#(moment(-day))""#)).rejection)
        #expect(closed.error.category == .outsideWindow)
        #expect(closed.status == .rejected)
        #expect(closed.error.message.contains("24 hours"))
        #expect(judge(record(#""last_inbound_at":"\#(moment(day))""#)).acceptance != nil)
    }

    @Test func aHumanAgentAndAPrivateReplyHaveSevenDays() {
        for offset in [-day, 1 - 7 * day] {
            let inbound = #""last_inbound_at":"\#(moment(offset))""#
            #expect(brokenRules(record(inbound + "," + humanAgent)) == [])
            #expect(brokenRules(record(inbound, recipient: #"{"comment_id":"1"}"#)) == [])
            #expect(brokenRules(record(inbound + #","messaging_type":"UPDATE""#)) == ["/last_inbound_at window.closed"])
        }
        let inbound = #""last_inbound_at":"\#(moment(-7 * day))""#
        #expect(brokenRules(record(inbound + "," + humanAgent)) == ["/last_inbound_at window.closed"])
        #expect(brokenRules(record(inbound, recipient: #"{"comment_id":"1"}"#)) == ["/last_inbound_at window.closed"])
    }

    @Test(arguments: [
        ("24 hours", #"{"id":"1"}"#, "", 24),
        ("7 days", #"{"id":"1"}"#, #","messaging_type":"MESSAGE_TAG","tag":"HUMAN_AGENT""#, 168),
        ("7 days", #"{"comment_id":"1"}"#, "", 168),
    ])
    func aWindowIsOpenUntilOneMillisecondBeforeItsEnd(words: String, recipient: String, extra: String, hours: Int64) {
        for (offset, isOpen) in [(-1, true), (0, false), (1, false)] as [(Int64, Bool)] {
            let inbound = #""last_inbound_at":"\#(moment(-hours * 3_600_000 - offset))""# + extra
            let rejection = judge(record(inbound, recipient: recipient)).rejection
            #expect((rejection == nil) == isOpen)
            #expect(rejection?.error.message.contains(words) ?? isOpen)
        }
    }

    @Test func theWindowHoldsForSenderActionsToo() {
        let inbound = #""last_inbound_at":"\#(moment(-day))""#
        #expect(
            brokenRules(record(inbound, content: #""sender_action":"mark_seen""#)) == ["/last_inbound_at window.closed"]
        )
    }

    @Test func whatTheCallerKnowsOfTheWindowOverridesWhatFollowsFromTheLastMessage() throws {
        let old = #""last_inbound_at":"\#(moment(-6 * day))""#
        let known = { #""window_expires_at":"\#(self.moment($0))""# }
        let open = try #require(judge(record(old + "," + known(1))).acceptance)
        #expect(open.request.windowClosesAt == SampleRecord.now.adding(milliseconds: 1))
        let fresh = #""last_inbound_at":"\#(moment(-1))""#
        for extra in [fresh + ",", humanAgent + ",", ""] {
            let closed = try #require(judge(record(extra + known(0))).rejection)
            #expect(closed.error.category == .outsideWindow && closed.status == .rejected)
            #expect(closed.error.violations.map(\.field) == ["/window_expires_at"])
        }
    }

    @Test func aPassedDeadlineExpiresTheRequest() throws {
        #expect(judge(record(#""expires_at":"\#(moment(1))""#)).acceptance != nil)
        let expired = try #require(judge(record(#""expires_at":"\#(moment(0))""#)).rejection)
        #expect(expired.status == .expired && expired.error.category == .expired)
        #expect(expired.requestID == "r-1")
    }

    @Test func theCallersDeadlineOutweighsTheWindowAndAFaultOutweighsBoth() throws {
        let passed = #""expires_at":"\#(moment(-1))","last_inbound_at":"\#(moment(-day))""#
        let both = try #require(judge(record(passed)).rejection)
        #expect(both.status == .expired && both.error.category == .expired && both.error.violations.count == 2)
        let faulty = try #require(judge(record(passed + #","delivery":"x""#)).rejection)
        #expect(faulty.status == .rejected && faulty.error.category == .invalidRequest)
        #expect(faulty.error.violations.count == 3)
    }

    @Test func anUnknownPurposeLeavesTheWindowUnjudged() {
        let inbound = #""last_inbound_at":"\#(moment(-2 * day))","messaging_type":"MESSAGE_TAG""#
        #expect(brokenRules(record(inbound)) == ["/tag messaging_type.tag_missing"])
        #expect(brokenRules(record(inbound + #","tag":"HUMAN_AGNT""#)) == ["/tag tag.unknown"])
    }
}
