import InstagramMessaging
import Testing

@Suite struct RequestDecoderTests {
    @Test func allBrokenRulesAreReportedAtOnce() throws {
        let json = #"""
            {"request_id":"","account_id":12,"recipient":{"id":""},"delivery":"x","contxt":{},
             "last_inbound_at":"2026-02-01T00:00:00Z","expires_at":"2026-02-01T00:00:00Z",
             "message":{"text":"","attachment":{"type":"image","payload":{"url":"ftp://x/a.mp4","caption":1}},
             "quick_replies":[{"content_type":"text","title":""},{"title":5}]}}
            """#
        let error = try #require(judge(json).rejection?.error)
        #expect(
            error.violations.map { "\($0.field) \($0.rule)" } == [
                "/contxt member.unknown", "/request_id request_id.form", "/account_id member.type",
                "/recipient/id graph_id.form", "/message message.one_of", "/message/text text.empty",
                "/message/attachment/payload/caption member.unknown", "/message/attachment/payload/url url.scheme",
                "/message/quick_replies/0/title quick_reply.title_empty",
                "/message/quick_replies/1/content_type member.missing", "/delivery delivery.unknown",
                "/expires_at expires_at.passed",
            ]
        )
        #expect(error.violations[0].message.contains("did you mean \"context\"?"))
        #expect(error.violations[2].message.contains("(byte 30)"))
        #expect(error.category == .malformedRecord)
        #expect(error.message.hasSuffix("(and 11 more broken rules)"))
    }

    @Test func theGraphBodyIsTheRecordsOwnBytes() throws {
        let recipient = #"{ "id" : "1\u0032" }"#
        let message = "{\"text\":\"\\ud83d\\ude00 \\/ é\" ,\n \"reply_to\":{\"mid\":\"m\"}}"
        let context = #"{ "b":1.0, "a" : "\u00e4\/" }"#
        let json = """
             {"context" : \(context), "message": \(message),"request_id":"a", "expires_at":"2027-01-01T00:00:00Z",
             "recipient":\(recipient) , "account_id":"1","messaging_type": "RESPONSE"}
            """
        let accepted = try #require(judge(json).acceptance)
        #expect(
            String(decoding: accepted.graphBody, as: UTF8.self)
                == #"{"message":\#(message),"recipient":\#(recipient),"messaging_type":"RESPONSE"}"#
        )
        #expect(accepted.request.context == Array(context.utf8))
        #expect(accepted.request.content == .text("😀 / é"))
        #expect(accepted.request.recipient == .user(id: "12"))
        #expect(accepted.request.replyTo == "m")
    }

    @Test func unknownMembersReachGraphWhereThatIsSet() throws {
        let json = SampleRecord.json(
            #""message":{"text":"a","metadata":"m"}"#,
            extra: #","notification_type":"NO_PUSH""#
        )
        #expect(brokenRules(json) == ["/notification_type member.unknown", "/message/metadata member.unknown"])
        let accepted = try #require(judge(json, .init(unknownFields: .forward)).acceptance)
        #expect(
            String(decoding: accepted.graphBody, as: UTF8.self)
                == #"{"recipient":{"id":"17841400000000001"},"message":{"text":"a","metadata":"m"},"notification_type":"NO_PUSH"}"#
        )
    }

    @Test func thePointerOfAStrangeNameIsEscapedAndALongNameIsShortened() throws {
        #expect(brokenRules(SampleRecord.json(SampleRecord.text, extra: #","a/b~c":1"#)) == ["/a~1b~0c member.unknown"])
        let long = String(repeating: "n", count: 5000)
        let violation = try #require(
            judge(SampleRecord.message(#""text":"a","\#(long)":1"#)).rejection?.error.violations.first
        )
        #expect(violation.field == "/message" && violation.message.utf8.count < 300)
        let control = try #require(
            judge(SampleRecord.message(#""text":"a","a\nb":1"#)).rejection?.error.violations.first
        )
        #expect(control.field == "/message" && !control.message.contains("\n"))
    }

    @Test func theListOfBrokenRulesIsBounded() throws {
        let members = (0..<4000).map { ",\"m\($0)\":0" }.joined()
        let error = try #require(judge(SampleRecord.json(SampleRecord.text, extra: members)).rejection?.error)
        #expect(error.violations.count == RequestDecoder.maximumViolations)
        #expect(error.message.contains("(and 3999 more broken rules)"))
    }

    @Test(arguments: ["love", "😀", "❤", "❤️", "👍🏽", "👨‍👩‍👧‍👦", "🇩🇪", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "©", "☺️"])
    func oneEmojiIsAReaction(reaction: String) throws {
        let json = SampleRecord.json(
            #""sender_action":"react","payload":{"message_id":"mid.1=","reaction":"\#(reaction)"}"#
        )
        let request = try #require(judge(json).acceptance?.request)
        let expected: Reaction = reaction == "love" ? .love : .emoji(Character(reaction))
        #expect(request.content == .reaction(messageID: "mid.1=", expected))
    }

    @Test(arguments: [
        "", "Love", "like", "a", "1", "#", "😀😀", "😀a", "😀\u{301}", "é", "🇩", " ", "\u{FE0F}", "\u{200D}", "1\u{FE0F}",
        "日",
    ])
    func anythingElseIsNoReaction(reaction: String) {
        let json = SampleRecord.json(#""sender_action":"react","payload":{"message_id":"m","reaction":"\#(reaction)"}"#)
        #expect(brokenRules(json) == ["/payload/reaction reaction.form"])
    }

    @Test(arguments: [
        (SampleRecord.text, true), (#""message":{"text":"a","quick_replies":[{"content_type":"user_email"}]}"#, true),
        (#""message":{"attachment":{"type":"image","payload":{"url":"https://example.com/a.png"}}}"#, true),
        (#""message":{"attachment":{"type":"like_heart"}}"#, true), (#""sender_action":"typing_on""#, false),
    ])
    func aPrivateReplyMayCarryEveryMessageButNoSenderAction(members: String, isAccepted: Bool) {
        let verdict = judge(SampleRecord.json(members, recipient: #"{"comment_id":"179_1"}"#))
        #expect((verdict.acceptance != nil) == isAccepted)
        guard let request = verdict.acceptance?.request else { return }
        #expect(request.rateClass == .privateReplies)
        #expect(request.conversationKey == "c:179_1")
        #expect(request.recipientID == nil)
    }
}
