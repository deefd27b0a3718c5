import InstagramMessaging
import Testing

/// Every row of the documented limits: accepted one under and at the limit, refused one over.
@Suite struct LimitBoundaryTests {
    struct Limit: CustomTestStringConvertible, Sendable {
        var name: String
        var maximum: Int
        var broken: String
        var json: @Sendable (Int) -> String
        var testDescription: String { name }
    }

    private static func text(_ unit: String, _ count: Int) -> String { String(repeating: unit, count: count) }

    private static func quickReply(title: String, payload: String) -> String {
        SampleRecord.message(
            #""text":"t","quick_replies":[{"content_type":"text","title":"\#(title)","payload":"\#(payload)"}]"#
        )
    }

    private static func element(title: String, subtitle: String) -> String {
        SampleRecord.elements(#"{"title":"\#(title)","subtitle":"\#(subtitle)"}"#)
    }

    private static func postback(title: String, payload: String) -> String {
        SampleRecord.buttons(#"{"type":"postback","title":"\#(title)","payload":"\#(payload)"}"#)
    }

    /// Limits that count characters, each with ASCII, precomposed, combining and emoji characters.
    private static func characterLimits(
        _ name: String,
        _ maximum: Int,
        _ broken: String,
        _ json: @escaping @Sendable (String) -> String
    ) -> [Limit] {
        ["a", "é", "e\u{301}", "日", "😀", "👨‍👩‍👧‍👦", "🇩🇪"].map { unit in
            Limit(name: "\(name) of \(unit)", maximum: maximum, broken: broken) { json(text(unit, $0)) }
        }
    }

    static let byteLimits: [Limit] = [
        Limit(name: "text, ASCII", maximum: 1000, broken: "/message/text text.too_long") {
            SampleRecord.message("\"text\":\"\(text("a", $0))\"")
        },
        Limit(name: "text, one byte and two-byte letters", maximum: 1000, broken: "/message/text text.too_long") {
            SampleRecord.message("\"text\":\"\(text("é", $0 / 2))\(text("a", $0 % 2))\"")
        },
        Limit(name: "text, emoji", maximum: 1000, broken: "/message/text text.too_long") {
            SampleRecord.message("\"text\":\"\(text("😀", $0 / 4))\(text("a", $0 % 4))\"")
        },
        Limit(name: "text, escaped emoji", maximum: 1000, broken: "/message/text text.too_long") {
            SampleRecord.message("\"text\":\"\(text("\\ud83d\\ude00", $0 / 4))\(text("\\n", $0 % 4))\"")
        },
        Limit(name: "text, combining marks", maximum: 1000, broken: "/message/text text.too_long") {
            SampleRecord.message("\"text\":\"\(text("e\u{301}", $0 / 3))\(text("a", $0 % 3))\"")
        },
        Limit(name: "text, families", maximum: 1000, broken: "/message/text text.too_long") {
            SampleRecord.message("\"text\":\"\(text("👨‍👩‍👧‍👦", $0 / 25))\(text("a", $0 % 25))\"")
        },
        Limit(name: "context, emoji", maximum: 4096, broken: "/context context.too_large") {
            let filling = text("😀", ($0 - 9) / 4) + text("x", ($0 - 9) % 4)
            return SampleRecord.json(SampleRecord.text, extra: #","context":{"k": "\#(filling)"}"#)
        },
        Limit(name: "context", maximum: 4096, broken: "/context context.too_large") {
            SampleRecord.json(SampleRecord.text, extra: #","context":{"k": "\#(text("x", $0 - 9))"}"#)
        },
        Limit(name: "request_id", maximum: 128, broken: "/request_id request_id.form") {
            SampleRecord.json(SampleRecord.text).replacing("r-1", with: text("Z", $0))
        },
        Limit(name: "account_id", maximum: 32, broken: "/account_id account_id.form") {
            SampleRecord.json(SampleRecord.text).replacing("17841405822304914", with: text("9", $0))
        },
        Limit(name: "recipient id", maximum: 512, broken: "/recipient/id graph_id.form") {
            SampleRecord.json(SampleRecord.text, recipient: #"{"id":"\#(text("1", $0))"}"#)
        },
        Limit(name: "comment id", maximum: 512, broken: "/recipient/comment_id graph_id.form") {
            SampleRecord.json(SampleRecord.text, recipient: #"{"comment_id":"\#(text("1", $0))"}"#)
        },
        Limit(name: "id of the message replied to", maximum: 512, broken: "/reply_to/mid graph_id.form") {
            SampleRecord.json(SampleRecord.text, extra: #","reply_to":{"mid":"\#(text("m", $0))"}"#)
        },
        Limit(name: "id of the message reacted to", maximum: 512, broken: "/payload/message_id graph_id.form") {
            SampleRecord.json(#""sender_action":"unreact","payload":{"message_id":"\#(text("m", $0))"}"#)
        },
        Limit(name: "id of a post", maximum: 512, broken: "/message/attachment/payload/id graph_id.form") {
            SampleRecord.message(#""attachment":{"type":"MEDIA_SHARE","payload":{"id":"\#(text("1", $0))"}}"#)
        },
        Limit(name: "id of an upload", maximum: 512, broken: "/message/attachment/payload/attachment_id graph_id.form")
        {
            SampleRecord.message(#""attachment":{"type":"image","payload":{"attachment_id":"\#(text("1", $0))"}}"#)
        },
        Limit(name: "whole record, emoji", maximum: 65_536, broken: " record.too_large") { count in
            let record = SampleRecord.json(SampleRecord.text, extra: #","context":{"k":"\#(text("😀", 1000))"}"#)
            return record + text(" ", count - record.utf8.count)
        },
        Limit(name: "whole record", maximum: 65_536, broken: " record.too_large") { count in
            let record = SampleRecord.json(SampleRecord.text)
            return record + text(" ", count - record.utf8.count)
        },
    ]

    static let countLimits: [Limit] = [
        Limit(name: "images", maximum: 10, broken: "/message/attachments attachments.count") {
            let image = #"{"type":"image","payload":{"url":"https://example.com/a.png"}}"#
            return SampleRecord.message("\"attachments\":[\(SampleRecord.repeated(image, $0))]")
        },
        Limit(name: "quick replies", maximum: 13, broken: "/message/quick_replies quick_replies.count") {
            let reply = #"{"content_type":"text","title":"a","payload":"b"}"#
            return SampleRecord.message("\"text\":\"t\",\"quick_replies\":[\(SampleRecord.repeated(reply, $0))]")
        },
        Limit(name: "elements", maximum: 10, broken: "/message/attachment/payload/elements elements.count") {
            SampleRecord.elements(SampleRecord.repeated(#"{"title":"a","subtitle":"b"}"#, $0))
        },
        Limit(name: "products", maximum: 10, broken: "/message/attachment/payload/elements elements.count") {
            let products = SampleRecord.repeated(#"{"id":"1"}"#, $0)
            return SampleRecord.template("\"template_type\":\"product\",\"elements\":[\(products)]")
        },
        Limit(
            name: "buttons of an element",
            maximum: 3,
            broken: "/message/attachment/payload/elements/0/buttons element.buttons_count"
        ) {
            SampleRecord.elements(#"{"title":"a","buttons":[\#(SampleRecord.repeated(SampleRecord.webButton, $0))]}"#)
        },
        Limit(
            name: "buttons of a button template",
            maximum: 3,
            broken: "/message/attachment/payload/buttons button_template.buttons_count"
        ) { SampleRecord.buttons(SampleRecord.repeated(SampleRecord.webButton, $0)) },
    ]

    static let quickReplyLimits: [Limit] =
        characterLimits(
            "quick reply title",
            20,
            "/message/quick_replies/0/title quick_reply.title_too_long"
        ) { quickReply(title: $0, payload: "p") }
        + characterLimits(
            "quick reply payload",
            1000,
            "/message/quick_replies/0/payload quick_reply.payload_too_long"
        ) { quickReply(title: "t", payload: $0) }

    static let templateLimits: [Limit] =
        characterLimits(
            "element title",
            80,
            "/message/attachment/payload/elements/0/title element.title_too_long"
        ) { element(title: $0, subtitle: "s") }
        + characterLimits(
            "element subtitle",
            80,
            "/message/attachment/payload/elements/0/subtitle element.subtitle_too_long"
        ) { element(title: "t", subtitle: $0) }
        + characterLimits(
            "button template text",
            640,
            "/message/attachment/payload/text button_template.text_too_long"
        ) { SampleRecord.buttons(SampleRecord.webButton, text: $0) }

    static let buttonLimits: [Limit] =
        characterLimits(
            "button title",
            20,
            "/message/attachment/payload/buttons/0/title button.title_too_long"
        ) { postback(title: $0, payload: "p") }
        + characterLimits(
            "button payload",
            1000,
            "/message/attachment/payload/buttons/0/payload button.payload_too_long"
        ) { postback(title: "t", payload: $0) }

    @Test(arguments: byteLimits + countLimits + quickReplyLimits + templateLimits + buttonLimits)
    func aLimitIsExact(limit: Limit) throws {
        #expect(brokenRules(limit.json(limit.maximum - 1)) == [])
        #expect(brokenRules(limit.json(limit.maximum)) == [])
        #expect(brokenRules(limit.json(limit.maximum + 1)) == [limit.broken])
        let message = try #require(judge(limit.json(limit.maximum + 1)).rejection?.error.message)
        #expect(message.contains(String(limit.maximum)) && message.contains(String(limit.maximum + 1)), "\(message)")
    }

    @Test func nothingIsRefusedWhereSomethingIsRequired() {
        let template = "/message/attachment/payload"
        #expect(brokenRules(SampleRecord.message(#""text":"""#)) == ["/message/text text.empty"])
        #expect(brokenRules(SampleRecord.message(#""attachments":[]"#)) == ["/message/attachments attachments.count"])
        #expect(
            brokenRules(SampleRecord.message(#""text":"t","quick_replies":[]"#))
                == ["/message/quick_replies quick_replies.count"]
        )
        #expect(brokenRules(SampleRecord.elements("")) == ["\(template)/elements elements.count"])
        #expect(brokenRules(SampleRecord.buttons("")) == ["\(template)/buttons button_template.buttons_count"])
        #expect(
            brokenRules(SampleRecord.elements(#"{"title":"a","buttons":[]}"#)) == [
                "\(template)/elements/0 element.only_title"
            ]
        )
    }
}
