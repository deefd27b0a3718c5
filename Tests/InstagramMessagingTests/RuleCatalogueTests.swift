import Testing

@testable import InstagramMessaging

/// Every rule has an entry in the catalogue and a record that breaks it and nothing else.
@Suite struct RuleCatalogueTests {
    private static let payload = "/message/attachment/payload"
    private static func replies(_ reply: String) -> String {
        SampleRecord.message(#""text":"t","quick_replies":[\#(reply)]"#)
    }
    private static func button(_ button: String) -> String { SampleRecord.buttons(button) }
    private static func envelope(_ extra: String) -> String { SampleRecord.json(SampleRecord.text, extra: "," + extra) }
    private static func long(_ count: Int) -> String { String(repeating: "x", count: count) }

    /// What is broken, and a record that breaks just that.
    static let records: [(broken: String, json: String)] = [
        (" record.too_large", envelope(#""context":{"a":"\#(long(65_536))"}"#)),
        (" record.not_json", "{"),
        (" record.duplicate_member", #"{"a":1,"a":1}"#),
        (" record.too_deep", String(repeating: "[", count: 40)),
        (" record.not_object", "[]"),
        ("/message member.type", SampleRecord.json(#""message":"hi""#)),
        ("/message/txt member.unknown", SampleRecord.message(#""text":"a","txt":"b""#)),
    ]

    static let envelopes: [(broken: String, json: String)] = [
        ("/request_id request_id.form", SampleRecord.json(SampleRecord.text).replacing("r-1", with: "r 1")),
        ("/account_id account_id.form", SampleRecord.json(SampleRecord.text).replacing("1784140582", with: "a")),
        ("/recipient recipient.one_of", SampleRecord.json(SampleRecord.text, recipient: "{}")),
        (
            "/recipient recipient.one_of",
            SampleRecord.json(SampleRecord.text, recipient: #"{"id":"1","comment_id":"2"}"#)
        ),
        ("/recipient/id graph_id.form", SampleRecord.json(SampleRecord.text, recipient: #"{"id":""}"#)),
        (
            "/recipient/comment_id graph_id.form",
            SampleRecord.json(SampleRecord.text, recipient: #"{"comment_id":"a b"}"#)
        ),
        (" content.one_of", SampleRecord.json(SampleRecord.text, extra: #","sender_action":"typing_on""#)),
        (" content.one_of", SampleRecord.json(#""tag":"HUMAN_AGENT","messaging_type":"MESSAGE_TAG""#)),
        ("/last_inbound_at timestamp.form", envelope(#""last_inbound_at":"2026-03-01 10:00""#)),
        ("/expires_at timestamp.form", envelope(#""expires_at":"tomorrow""#)),
        ("/delivery delivery.unknown", envelope(#""delivery":"exactly_once""#)),
        ("/context context.too_large", envelope(#""context":{"a":"\#(long(4096))"}"#)),
        ("/expires_at expires_at.passed", envelope(#""expires_at":"2026-03-01T12:00:00Z""#)),
        ("/last_inbound_at window.closed", envelope(#""last_inbound_at":"2026-02-28T12:00:00Z""#)),
        ("/messaging_type messaging_type.unknown", envelope(#""messaging_type":"UTILITY""#)),
        ("/tag messaging_type.tag_missing", envelope(#""messaging_type":"MESSAGE_TAG""#)),
        ("/tag tag.unknown", envelope(#""messaging_type":"MESSAGE_TAG","tag":"ACCOUNT_UPDATE""#)),
        ("/tag tag.not_allowed", envelope(#""messaging_type":"RESPONSE","tag":"HUMAN_AGENT""#)),
        ("/tag tag.not_allowed", envelope(#""tag":"HUMAN_AGENT""#)),
        ("/window_expires_at timestamp.form", envelope(#""window_expires_at":"2026-03-01T12:00Z""#)),
        ("/window_expires_at window.closed", envelope(#""window_expires_at":"2026-03-01T12:00:00Z""#)),
        ("/sender sender.unknown", envelope(#""sender":"Bot""#)),
        (
            "/sender sender.human_agent",
            envelope(#""sender":"bot","messaging_type":"MESSAGE_TAG","tag":"HUMAN_AGENT""#)
        ),
        (
            "/comment comment.unknown",
            SampleRecord.json(SampleRecord.text, recipient: #"{"comment_id":"1"}"#, extra: #","comment":"post""#)
        ),
        ("/comment member.not_allowed", envelope(#""comment":"live""#)),
        ("/reply_to/mid member.missing", envelope(#""reply_to":{}"#)),
        ("/reply_to/mid graph_id.form", envelope(#""reply_to":{"mid":""}"#)),
    ]

    static let actions: [(broken: String, json: String)] = [
        ("/sender_action sender_action.unknown", SampleRecord.json(#""sender_action":"typing""#)),
        (
            "/sender_action sender_action.private_reply",
            SampleRecord.json(#""sender_action":"typing_on""#, recipient: #"{"comment_id":"1"}"#)
        ),
        ("/payload member.missing", SampleRecord.json(#""sender_action":"react""#)),
        ("/payload member.missing", SampleRecord.json(#""sender_action":"unreact""#)),
        (
            "/payload/reaction member.missing",
            SampleRecord.json(#""sender_action":"react","payload":{"message_id":"m"}"#)
        ),
        ("/payload/message_id member.missing", SampleRecord.json(#""sender_action":"unreact","payload":{}"#)),
        (
            "/payload/reaction reaction.form",
            SampleRecord.json(#""sender_action":"react","payload":{"message_id":"m","reaction":"smile"}"#)
        ),
        (
            "/payload/reaction member.not_allowed",
            SampleRecord.json(#""sender_action":"unreact","payload":{"message_id":"m","reaction":"love"}"#)
        ),
        ("/payload member.not_allowed", SampleRecord.json(#""sender_action":"mark_seen","payload":{}"#)),
        ("/payload member.not_allowed", envelope(#""payload":{}"#)),
        ("/tag member.not_allowed", SampleRecord.json(#""sender_action":"typing_on","tag":"HUMAN_AGENT""#)),
        (
            "/messaging_type member.not_allowed",
            SampleRecord.json(#""sender_action":"mark_seen","messaging_type":"RESPONSE""#)
        ),
        (
            "/reply_to member.not_allowed",
            SampleRecord.json(#""sender_action":"typing_off","reply_to":{"mid":"m"}"#)
        ),
    ]

    static let messages: [(broken: String, json: String)] = [
        ("/message message.one_of", SampleRecord.message("")),
        ("/message message.one_of", SampleRecord.message(#""text":"a","attachment":{"type":"like_heart"}"#)),
        ("/message/text text.empty", SampleRecord.message(#""text":"""#)),
        ("/message/text text.too_long", SampleRecord.message(#""text":"\#(long(1001))""#)),
        ("/message/text text.link_form", SampleRecord.message(#""text":"http://""#)),
        ("/message/text text.empty", SampleRecord.message(#""text":" \n\u3000""#)),
        ("/message/reply_to member.unknown", SampleRecord.message(#""text":"a","reply_to":{"mid":"m"}"#)),
        ("/message/quick_replies quick_replies.count", SampleRecord.message(#""text":"a","quick_replies":[]"#)),
        (
            "/message/quick_replies quick_replies.need_text",
            SampleRecord.message(
                #""attachment":{"type":"like_heart"},"quick_replies":[{"content_type":"text","title":"a","payload":"b"}]"#
            )
        ),
        ("/message/quick_replies/0/content_type quick_reply.content_type", replies(#"{"content_type":"location"}"#)),
        ("/message/quick_replies/0/content_type quick_reply.content_type", replies(#"{"content_type":"user_email"}"#)),
        (
            "/message/quick_replies/0/content_type quick_reply.content_type",
            replies(#"{"content_type":"user_phone_number","title":""}"#)
        ),
        ("/message/quick_replies/0/title member.missing", replies(#"{"content_type":"text","payload":"p"}"#)),
        ("/message/quick_replies/0/payload member.missing", replies(#"{"content_type":"text","title":"a"}"#)),
        (
            "/message/quick_replies/0/title quick_reply.title_empty",
            replies(#"{"content_type":"text","title":"","payload":"p"}"#)
        ),
        (
            "/message/quick_replies/0/title quick_reply.title_too_long",
            replies(#"{"content_type":"text","title":"\#(long(21))","payload":"p"}"#)
        ),
        (
            "/message/quick_replies/0/payload quick_reply.payload_too_long",
            replies(#"{"content_type":"text","title":"a","payload":"\#(long(1001))"}"#)
        ),
        ("/message/attachment/type attachment.type_unknown", SampleRecord.message(#""attachment":{"type":"gif"}"#)),
        ("/message/attachments attachments.count", SampleRecord.message(#""attachments":[]"#)),
        (
            "/message/attachments/0/type attachments.only_images",
            SampleRecord.message(#""attachments":[{"type":"video","payload":{"url":"https://example.com/a"}}]"#)
        ),
        ("\(payload) member.missing", SampleRecord.message(#""attachment":{"type":"image"}"#)),
        ("\(payload) member.not_allowed", SampleRecord.message(#""attachment":{"type":"like_heart","payload":{}}"#)),
        ("\(payload) attachment.one_of", SampleRecord.message(#""attachment":{"type":"MEDIA_SHARE","payload":{}}"#)),
        ("\(payload) attachment.one_of", SampleRecord.message(#""attachment":{"type":"audio","payload":{}}"#)),
        (
            "\(payload) attachment.one_of",
            SampleRecord.message(
                #""attachment":{"type":"file","payload":{"url":"https://example.com/a","attachment_id":"1"}}"#
            )
        ),
        (
            "\(payload)/attachment_id graph_id.form",
            SampleRecord.message(#""attachment":{"type":"image","payload":{"attachment_id":"a b"}}"#)
        ),
        (
            "\(payload)/is_reusable member.not_allowed",
            SampleRecord.message(#""attachment":{"type":"image","payload":{"attachment_id":"1","is_reusable":true}}"#)
        ),
        (
            "\(payload)/is_reusable member.type",
            SampleRecord.message(
                #""attachment":{"type":"image","payload":{"url":"https://example.com/a","is_reusable":"true"}}"#
            )
        ),
        ("\(payload)/url url.form", SampleRecord.attachment("image", url: "a")),
        ("\(payload)/url url.scheme", SampleRecord.attachment("image", url: "ftp://example.com")),
        ("\(payload)/url url.user_info", SampleRecord.attachment("image", url: "https://u@example.com")),
        ("\(payload)/url url.private_host", SampleRecord.attachment("image", url: "https://localhost")),
        ("\(payload)/url url.extension", SampleRecord.attachment("image", url: "https://example.com/a.mp4")),
    ]

    static let templates: [(broken: String, json: String)] = [
        ("\(payload)/template_type template.type_unknown", SampleRecord.template(#""template_type":"media""#)),
        ("\(payload)/template_type member.missing", SampleRecord.template("")),
        ("\(payload)/elements member.missing", SampleRecord.template(#""template_type":"generic""#)),
        (
            "\(payload)/text member.not_allowed",
            SampleRecord.template(#""template_type":"generic","text":"a","elements":[{"title":"a","subtitle":"b"}]"#)
        ),
        ("\(payload)/elements elements.count", SampleRecord.elements("")),
        ("\(payload)/elements elements.count", SampleRecord.template(#""template_type":"product","elements":[]"#)),
        (
            "\(payload)/elements/0/id member.missing",
            SampleRecord.template(#""template_type":"product","elements":[{}]"#)
        ),
        (
            "\(payload)/text member.not_allowed",
            SampleRecord.template(#""template_type":"product","text":"a","elements":[{"id":"1"}]"#)
        ),
        ("\(payload)/elements/0/title element.title_empty", SampleRecord.elements(#"{"title":"","subtitle":"a"}"#)),
        (
            "\(payload)/elements/0/title element.title_too_long",
            SampleRecord.elements(#"{"title":"\#(long(81))","subtitle":"a"}"#)
        ),
        (
            "\(payload)/elements/0/subtitle element.subtitle_empty",
            SampleRecord.elements(#"{"title":"a","subtitle":""}"#)
        ),
        (
            "\(payload)/elements/0/subtitle element.subtitle_too_long",
            SampleRecord.elements(#"{"title":"a","subtitle":"\#(long(81))"}"#)
        ),
        ("\(payload)/elements/0 element.only_title", SampleRecord.elements(#"{"title":"a"}"#)),
        (
            "\(payload)/elements/0/buttons element.buttons_count",
            SampleRecord.elements(#"{"title":"a","buttons":[\#(SampleRecord.repeated(SampleRecord.webButton, 4))]}"#)
        ),
        (
            "\(payload)/elements/0/default_action/type default_action.type",
            SampleRecord.elements(#"{"title":"a","default_action":{"type":"postback","url":"https://example.com"}}"#)
        ),
        (
            "\(payload)/elements/0/image_url url.private_host",
            SampleRecord.elements(#"{"title":"a","image_url":"http://10.0.0.1/a"}"#)
        ),
        ("\(payload)/text button_template.text_empty", SampleRecord.buttons(SampleRecord.webButton, text: "")),
        (
            "\(payload)/text button_template.text_too_long",
            SampleRecord.buttons(SampleRecord.webButton, text: long(641))
        ),
        ("\(payload)/text text.link_form", SampleRecord.buttons(SampleRecord.webButton, text: "http://")),
        ("\(payload)/buttons button_template.buttons_count", SampleRecord.buttons("")),
        ("\(payload)/buttons/0/type button.type_unknown", button(#"{"type":"phone_number","title":"a"}"#)),
        ("\(payload)/buttons/0/url member.missing", button(#"{"type":"web_url","title":"a"}"#)),
        (
            "\(payload)/buttons/0/payload member.not_allowed",
            button(#"{"type":"web_url","title":"a","url":"https://example.com","payload":"p"}"#)
        ),
        ("\(payload)/buttons/0/payload member.missing", button(#"{"type":"postback","title":"a"}"#)),
        ("\(payload)/buttons/0/title button.title_empty", button(#"{"type":"postback","title":"","payload":"p"}"#)),
        (
            "\(payload)/buttons/0/title button.title_too_long",
            button(#"{"type":"postback","title":"\#(long(21))","payload":"p"}"#)
        ),
        ("\(payload)/buttons/0/payload button.payload_empty", button(#"{"type":"postback","title":"a","payload":""}"#)),
        (
            "\(payload)/buttons/0/payload button.payload_too_long",
            button(#"{"type":"postback","title":"a","payload":"\#(long(1001))"}"#)
        ),
    ]

    static var all: [(broken: String, json: String)] { records + envelopes + actions + messages + templates }

    @Test(arguments: all)
    func aRecordThatBreaksOneRuleIsToldJustThat(broken: String, json: String) throws {
        let rejected = try #require(judge(json).rejection)
        #expect(rejected.error.violations.map { "\($0.field) \($0.rule)" } == [broken])
        #expect(rejected.error.violations.allSatisfy { $0.message.utf8.count > 20 })
    }

    @Test func everyRuleThatIsReportedIsInTheCatalogueAndEveryRuleOfTheCatalogueIsReported() {
        // What only the preflight of the worker reports is shown by the tests of the preflight.
        var reported = Set(["record.missing"] + ValidationRule.preflightRules.map(\.id))
        for (broken, _) in Self.all { reported.insert(String(broken.split(separator: " ").last!)) }
        let catalogue = ValidationRule.catalogue.map(\.id)
        #expect(Set(catalogue).count == catalogue.count)
        #expect(Set(catalogue) == Set(RuleID.allCases.map(\.rawValue)))
        #expect(reported == Set(catalogue))
    }

    @Test func aRuleIsFoundByItsIdentifier() throws {
        let rule = try #require(ValidationRule.named("text.too_long"))
        #expect(rule.limit == "1000 bytes of UTF-8")
        #expect(ValidationRule.named("text.too_short") == nil)
        #expect(
            ValidationRule.named("media.size")?.limit
                == "image: 8388608 bytes; audio: 26214400 bytes; video: 26214400 bytes; file: 26214400 bytes"
        )
        for rule in ValidationRule.catalogue { #expect(!rule.summary.isEmpty && !rule.source.isEmpty) }
    }
}
