import InstagramMessaging
import Testing

@Suite struct RequestDecoderTests {
    @Test func allBrokenRulesAreReportedAtOnce() throws {
        let json = #"""
            {"request_id":"","account_id":12,"recipient":{"id":""},"delivery":"x","contxt":{},
             "last_inbound_at":"2026-02-01T00:00:00Z","expires_at":"2026-02-01T00:00:00Z",
             "message":{"text":"","attachment":{"type":"image","payload":{"url":"ftp://x/a.mp4","caption":1}},
             "quick_replies":[{"content_type":"text","title":"","payload":"p"},{"title":5}]}}
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
        let message = "{\"text\":\"\\ud83d\\ude00 \\/ é\" \n }"
        let context = #"{ "b":1.0, "a" : "\u00e4\/" }"#
        let json = """
             {"context" : \(context), "message": \(message),"request_id":"a", "expires_at":"2027-01-01T00:00:00Z",
             "recipient":\(recipient) , "account_id":"1","messaging_type": "RESPONSE",
             "reply_to" : {"mid" :"m"},"sender":"bot","window_expires_at":"2027-01-01T00:00:00Z"}
            """
        let accepted = try #require(judge(json).acceptance)
        #expect(
            String(decoding: accepted.graphBody, as: UTF8.self)
                == #"{"message":\#(message),"recipient":\#(recipient),"messaging_type":"RESPONSE","reply_to":{"mid" :"m"}}"#
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
        (SampleRecord.text, true),
        (#""message":{"text":"a","quick_replies":[{"content_type":"text","title":"a","payload":"b"}]}"#, true),
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

    @Test func aReplyToALiveCommentHasALimitOfItsOwn() throws {
        let json = SampleRecord.json(SampleRecord.text, recipient: #"{"comment_id":"1"}"#, extra: #","comment":"live""#)
        let accepted = try #require(judge(json).acceptance)
        #expect(accepted.request.recipient == .comment(id: "1", isLive: true))
        #expect(accepted.request.rateClass == .liveReplies)
        #expect(
            String(decoding: accepted.graphBody, as: UTF8.self)
                == #"{"recipient":{"comment_id":"1"},"message":{"text":"hi"}}"#
        )
        let again = RequestDecoder().decode(accepted.request.encodedRecord(), now: SampleRecord.now)
        #expect(again.acceptance?.request == accepted.request)
    }

    @Test func aContactQuickReplyIsRefusedWithTheDayOnWhichItEnded() throws {
        let json = SampleRecord.message(#""text":"Mail?","quick_replies":[{"content_type":"user_email"}]"#)
        #expect(try #require(judge(json).rejection).error.message.contains("5 October 2026"))
    }

    @Test func aReplyInsideTheMessageIsToldWhereItBelongs() throws {
        let json = SampleRecord.message(#""text":"Yes","reply_to":{"mid":"m"}"#)
        #expect(try #require(judge(json).rejection).error.message.contains("beside message"))
    }

    @Test func nullCountsAsAbsentAndNeverReachesGraph() throws {
        let json = #"""
            {"request_id":"r","account_id":"1","recipient":{"id":"2","comment_id":null},"sender_action":null,"payload":null,
             "message":{"text":null,"quick_replies":null,"attachment":{"type":"template","payload":{"template_type":"generic",
             "text":null,"elements":[{"title":"a","subtitle":"b","image_url":null,"buttons":null}, {"title":"c","subtitle":"d"}]}}},
             "messaging_type":null,"tag":null,"reply_to":null,"last_inbound_at":null,"window_expires_at":null,"expires_at":null,
             "sender":null,"comment":null,"delivery":null,"context":null}
            """#
        let accepted = try #require(judge(json).acceptance)
        #expect(
            String(decoding: accepted.graphBody, as: UTF8.self)
                == #"{"recipient":{"id":"2"},"message":{"attachment":{"type":"template","payload":{"template_type":"generic","elements":[{"title":"a","subtitle":"b"},{"title":"c","subtitle":"d"}]}}}}"#
        )
        #expect(accepted.request.context == nil && accepted.request.recipientID == "2")
        let rejected = try #require(judge(json.replacing(#""title":"a","#, with: "")).rejection)
        #expect(rejected.recipientID == "2" && rejected.error.violations.map(\.rule) == ["member.missing"])
    }

    @Test(arguments: [
        (#"{"type":"image","payload":null}"#, "/message/attachment/payload member.type"),
        (#"{"type":null}"#, "/message/attachment/type member.type"),
        (#"{"type":"image","payload":{"url":null}}"#, "/message/attachment/payload attachment.one_of"),
    ])
    func nullIsNoValueWhereOneIsNeeded(attachment: String, broken: String) {
        #expect(brokenRules(SampleRecord.message("\"attachment\":\(attachment)")) == [broken])
        let subtitle = #"{"title":"a","subtitle":null}"#
        #expect(
            brokenRules(SampleRecord.elements(subtitle)) == [
                "/message/attachment/payload/elements/0 element.only_title"
            ]
        )
    }

    @Test func aSchemaRegistrysPrefixIsReadOverAndNothingElseIs() throws {
        let record = Array(SampleRecord.json(SampleRecord.text).utf8)
        let prefix: [UInt8] = [0, 0x7B, 0x0A, 0, 1]
        let decoder = RequestDecoder()
        let accepted = try #require(decoder.decode(prefix + record, now: SampleRecord.now).acceptance)
        #expect(accepted == judge(String(decoding: record, as: UTF8.self)).acceptance)
        for wrong in [prefix, [0], prefix.dropLast() + record, prefix + prefix + record, [1, 0, 0, 0, 1] + record] {
            let rejected = try #require(decoder.decode(wrong, now: SampleRecord.now).rejection)
            #expect(rejected.error.violations.map(\.rule) == ["record.not_json"])
        }
        let padding = [UInt8](repeating: 0x20, count: MessageLimits.recordBytes - record.count)
        #expect(decoder.decode(prefix + record + padding, now: SampleRecord.now).acceptance != nil)
        let larger = try #require(decoder.decode(prefix + record + padding + [0x20], now: SampleRecord.now).rejection)
        #expect(larger.error.violations.map(\.rule) == ["record.too_large"] && larger.requestID == "r-1")
        // Offsets are those of the record, prefix included, so that they can be found in it.
        let broken = try #require(decoder.decode(prefix + Array("{]".utf8), now: SampleRecord.now).rejection)
        #expect(broken.error.message.contains("(byte 6)"))
    }
}
