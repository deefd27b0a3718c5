import InstagramMessaging
import Testing

@testable import GraphSimulator

@Suite struct BodyReaderTests {
    private func read(_ body: String) -> MessageCall { BodyReader.read(Array(body.utf8)) }

    private func message(_ message: String) -> MessageCall {
        read(#"{"recipient":{"id":"1"},"message":\#(message)}"#)
    }

    @Test(arguments: [
        (#"{"text":"hello"}"#, "text", RateClass.messages),
        (#"{"attachment":{"type":"video","payload":{"attachment_id":"7"}}}"#, "video", .media),
        (#"{"attachment":{"type":"MEDIA_SHARE","payload":{"attachment_id":"7"}}}"#, "share", .messages),
        (#"{"attachments":[{"type":"image","payload":{"attachment_id":"7"}}]}"#, "images", .messages),
        (
            #"{"attachment":{"type":"template","payload":{"template_type":"product","elements":[{"id":"7"}]}}}"#,
            "product_template", .messages
        ),
        (#"{"attachment":{"type":"image","payload":{"url":"http://example.com/a.png"}}}"#, "image", .messages),
        (#"{"attachment":{"type":"audio","payload":{"url":"https://example.com/a"}}}"#, "audio", .media),
        (#"{"attachment":{"type":"video","payload":{"url":"https://example.com/a"}}}"#, "video", .media),
        (#"{"attachment":{"type":"file","payload":{"url":"https://example.com/a.pdf"}}}"#, "file", .messages),
        (#"{"attachment":{"type":"like_heart"}}"#, "sticker", .messages),
        (#"{"attachment":{"type":"MEDIA_SHARE","payload":{"id":"77"}}}"#, "share", .messages),
        (
            #"{"attachments":[{"type":"image","payload":{"url":"https://example.com/a.png"}}]}"#,
            "images", .messages
        ),
        (
            #"{"text":"choose","quick_replies":[{"content_type":"text","title":"yes","payload":"y"}]}"#,
            "quick_replies", .messages
        ),
        (
            #"{"attachment":{"type":"template","payload":{"template_type":"generic","elements":[{"title":"t","subtitle":"s"}]}}}"#,
            "generic_template", .messages
        ),
        (
            #"{"attachment":{"type":"template","payload":{"template_type":"button","text":"t","buttons":[{"type":"postback","title":"b","payload":"p"}]}}}"#,
            "button_template", .messages
        ),
    ])
    func `takes each documented kind of message and knows its limit`(
        body: String,
        kind: String,
        rateClass: RateClass
    ) {
        let call = message(body)
        #expect(call.refusal == nil)
        #expect(call.kind == kind)
        #expect(call.rateClass == rateClass)
        #expect(!call.isSenderAction)
        #expect(call.recipient == "1")
    }

    @Test(arguments: [
        #"{"recipient":{"id":"1"},"sender_action":"react","payload":{"message_id":"m","reaction":"love"}}"#,
        #"{"recipient":{"id":"1"},"sender_action":"react","payload":{"message_id":"m","reaction":"❤️"}}"#,
        #"{"recipient":{"id":"1"},"sender_action":"unreact","payload":{"message_id":"m"}}"#,
        #"{"recipient":{"id":"1"},"sender_action":"typing_on"}"#,
        #"{"recipient":{"id":"1"},"sender_action":"mark_seen"}"#,
    ])
    func `takes sender actions`(body: String) {
        let call = read(body)
        #expect(call.refusal == nil)
        #expect(call.isSenderAction)
    }

    @Test(
        arguments: [
            ("", nil), ("[]", nil), ("{", nil), (#"{"recipient":{"id":"1"}}"#, nil),
            (#"{"message":{"text":"a"}}"#, nil),
            (#"{"recipient":{},"message":{"text":"a"}}"#, nil),
            (#"{"recipient":{"id":"1","comment_id":"2"},"message":{"text":"a"}}"#, nil),
            (#"{"recipient":{"id":1},"message":{"text":"a"}}"#, nil),
            (#"{"recipient":{"id":"me"},"message":{"text":"a"}}"#, 2_534_014),
            (#"{"recipient":{"id":"1"},"message":{"text":"a"},"sender_action":"typing_on"}"#, nil),
            (#"{"recipient":{"id":"1"},"message":{"text":"a"},"request_id":"r"}"#, nil),
            (#"{"recipient":{"id":"1"},"message":{"text":"a"},"context":{}}"#, nil),
            (#"{"recipient":{"id":"1"},"message":{"text":"a"},"sender":null}"#, nil),
            (#"{"recipient":{"comment_id":"1"},"message":{"text":"a"},"comment":"live"}"#, nil),
            (#"{"recipient":{"id":"1"},"message":{"text":"a"},"window_expires_at":"2099-01-01T00:00:00Z"}"#, nil),
            (#"{"recipient":{"id":"1"},"message":{"text":"a","reply_to":{"mid":"m"}}}"#, nil),
            (#"{"recipient":{"id":"1"},"message":{"text":"a"},"reply_to":{}}"#, nil),
            (#"{"recipient":{"id":"1"},"sender_action":"typing_on","tag":"HUMAN_AGENT"}"#, nil),
            (#"{"recipient":{"id":"1"},"message":{"text":" \n"}}"#, 2_534_052),
            (#"{"recipient":{"id":"1"},"message":{"text":"a"},"tag":"HUMAN_AGENT"}"#, nil),
            (#"{"recipient":{"id":"1"},"message":{"text":"a"},"messaging_type":"MESSAGE_TAG"}"#, nil),
            (#"{"recipient":{"id":"1"},"message":{"text":"a"},"messaging_type":"X"}"#, nil),
            (#"{"recipient":{"id":"1"},"sender_action":"dance"}"#, nil),
            (#"{"recipient":{"comment_id":"1"},"sender_action":"typing_on"}"#, nil),
            (#"{"recipient":{"id":"1"},"sender_action":"react","payload":{"message_id":"m","reaction":"no"}}"#, nil),
            (#"{"recipient":{"id":"1"},"sender_action":"unreact"}"#, nil),
        ] as [(String, Int?)]
    )
    func `refuses what is not a call with code 100`(body: String, subcode: Int?) throws {
        let refusal = try #require(read(body).refusal)
        #expect(refusal.code == 100)
        #expect(refusal.subcode == subcode)
    }

    @Test(arguments: [
        #"{}"#,
        #"{"text":""}"#,
        #"{"text":"a","attachment":{"type":"like_heart"}}"#,
        #"{"attachment":{"type":"gif","payload":{"url":"https://example.com/a"}}}"#,
        #"{"attachment":{"type":"image","payload":{}}}"#,
        #"{"attachment":{"type":"image","payload":{"url":"ftp://example.com/a"}}}"#,
        #"{"attachment":{"type":"image","payload":{"url":"https:///a"}}}"#,
        #"{"attachment":{"type":"image","payload":{"url":"a.png"}}}"#,
        #"{"attachment":{"type":"like_heart","payload":{}}}"#,
        #"{"attachment":{"type":"MEDIA_SHARE"}}"#,
        #"{"attachments":[]}"#,
        #"{"attachments":[{"type":"video","payload":{"url":"https://example.com/a"}}]}"#,
        #"{"text":"a","quick_replies":[]}"#,
        #"{"text":"a","quick_replies":[{"content_type":"text","payload":"p"}]}"#,
        #"{"text":"a","quick_replies":[{"content_type":"text","title":"t"}]}"#,
        #"{"text":"a","quick_replies":[{"content_type":"user_email"}]}"#,
        #"{"attachment":{"type":"image","payload":{"url":"https://example.com/a","attachment_id":"7"}}}"#,
        #"{"attachment":{"type":"image","payload":{"attachment_id":7}}}"#,
        #"{"attachment":{"type":"template","payload":{"template_type":"product","elements":[]}}}"#,
        #"{"text":"a","quick_replies":[{"content_type":"text","title":"123456789012345678901","payload":"p"}]}"#,
        #"{"attachment":{"type":"template","payload":{"template_type":"list"}}}"#,
        #"{"attachment":{"type":"template","payload":{"template_type":"generic","elements":[{"title":"t"}]}}}"#,
        #"{"attachment":{"type":"template","payload":{"template_type":"button","text":"t","buttons":[]}}}"#,
        #"{"attachment":{"type":"template","payload":{"template_type":"button","text":"t","buttons":[{"type":"web_url","title":"b"}]}}}"#,
    ])
    func `refuses messages outside the documented limits with code 100 and subcode 2534015`(body: String) throws {
        let refusal = try #require(message(body).refusal)
        #expect(refusal.code == 100)
        #expect(refusal.subcode == 2_534_015)
    }

    @Test func `measures a text in bytes`() {
        #expect(message(#"{"text":"\#(String(repeating: "é", count: 500))"}"#).refusal == nil)
        #expect(message(#"{"text":"\#(String(repeating: "é", count: 500))a"}"#).refusal != nil)
    }

    @Test func `limits the number of images, elements, quick replies and buttons`() {
        func list(_ item: String, _ count: Int) -> String {
            Array(repeating: item, count: count).joined(separator: ",")
        }
        let image = #"{"type":"image","payload":{"url":"https://example.com/a.png"}}"#
        #expect(message(#"{"attachments":[\#(list(image, 10))]}"#).refusal == nil)
        #expect(message(#"{"attachments":[\#(list(image, 11))]}"#).refusal != nil)
        let reply = #"{"content_type":"text","title":"t","payload":"p"}"#
        #expect(message(#"{"text":"a","quick_replies":[\#(list(reply, 13))]}"#).refusal == nil)
        #expect(message(#"{"text":"a","quick_replies":[\#(list(reply, 14))]}"#).refusal != nil)
        let button = #"{"type":"postback","title":"b","payload":"p"}"#
        func template(_ count: Int) -> String {
            #"{"attachment":{"type":"template","payload":{"template_type":"button","text":"t","buttons":[\#(list(button, count))]}}}"#
        }
        #expect(message(template(3)).refusal == nil)
        #expect(message(template(4)).refusal != nil)
    }

    @Test func `counts every private reply against its own limit, also one that is refused`() {
        #expect(read(privateReplyBody(comment: "c")).rateClass == .privateReplies)
        #expect(read(privateReplyBody(comment: "live1")).rateClass == .liveReplies)
        #expect(read(privateReplyBody(comment: "c", text: "")).rateClass == .privateReplies)
        let video = attachmentBody("video").replacing(#""id""#, with: #""comment_id""#)
        #expect(read(video).rateClass == .privateReplies)
    }

    @Test func `cuts a marker between characters`() {
        let text = String(repeating: "a", count: 63) + "é"
        #expect(message(#"{"text":"\#(text)"}"#).marker == String(repeating: "a", count: 63))
        #expect(message(#"{"text":"unique 7"}"#).marker == "unique 7")
    }

    @Test func `digests bodies by FNV-1a with 128 bits`() {
        #expect(BodyDigest.text(BodyDigest.of([])) == "6c62272e07bb014262b821756295c58d")
        #expect(BodyDigest.text(BodyDigest.of(Array("a".utf8))) == "d228cb696f1a8caf78912b704e4a8964")
    }
}
