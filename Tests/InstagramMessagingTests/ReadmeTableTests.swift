import Foundation
import InstagramMessaging
import Testing

/// The README's table of what may be sent is generated from these rows: every body is one that the rules accept, and every
/// limit comes from the code.
@Suite struct ReadmeTableTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        /// The kind of the body; nil where the row adds something to any kind.
        var kinds: Set<MessageKind>
        /// Members of `message`, or what `place` says.
        var body: String
        var limits: String
        var place: Place

        /// Where a body stands in the request.
        enum Place: Sendable {
            case message
            case request
            case button
        }

        var testDescription: String { name }

        init(
            _ name: String,
            _ kinds: Set<MessageKind>,
            _ body: String,
            _ limits: String,
            at place: Place = .message
        ) {
            (self.name, self.kinds, self.body, self.limits, self.place) = (name, kinds, body, limits, place)
        }

        /// A record with this body.
        var record: String {
            let members =
                switch place {
                case .message: "\"message\":{\(body)}"
                case .request: body
                case .button:
                    #""message":{"attachment":{"type":"template","payload":{"template_type":"button","text":"Which?","#
                        + "\"buttons\":[\(body)]}}}"
                }
            let envelope =
                #""request_id":"r","account_id":"1""#
                + (members.contains("recipient") ? "" : #","recipient":{"id":"2"}"#)
            let message =
                members.contains("message\"") || members.contains("sender_action") ? "" : #","message":{"text":"Hi"}"#
            return "{\(envelope),\(members)\(message)}"
        }
    }

    private typealias Limits = MessageLimits

    private static func media(_ kind: MediaReference.Kind) -> Row {
        let extensions = MediaExtensions.accepted(for: kind)
        let limits =
            "\(extensions.joined(separator: ", ")); \(Limits.mediaBytes(of: kind) / 1_048_576) MB"
            + (kind == .video ? "; fetched within 75 s" : "")
        let url = "https://example.com/a.\(extensions[0])"
        let body = #""attachment":{"type":"\#(kind.rawValue)","payload":{"url":"\#(url)"}}"#
        return Row(kind == .image ? "image, GIF" : kind.rawValue, [MessageKind(rawValue: kind.rawValue)!], body, limits)
    }

    static let messages: [Row] =
        [
            Row(
                "text, link",
                [.text],
                #""text":"See https://example.com""#,
                "1 to \(Limits.textBytes) bytes of UTF-8, not white space only; links well-formed"
            ),
            Row(
                "quick replies",
                [.quickReplies],
                #""text":"Size?","quick_replies":[{"content_type":"text","title":"M","payload":"M"}]"#,
                "1 to \(Limits.quickReplies), all of them `text`; title \(Limits.quickReplyTitleCharacters), payload"
                    + " \(Limits.payloadCharacters) characters"
            ),
        ] + MediaReference.Kind.allCases.map(media) + [
            Row(
                "several images",
                [.images],
                #""attachments":[{"type":"image","payload":{"url":"https://example.com/a.png"}}]"#,
                "1 to \(Limits.images), each as above"
            ),
            Row(
                "an upload that stays",
                [],
                #""attachment":{"type":"image","payload":{"url":"https://example.com/a.png","is_reusable":true}}"#,
                "the files above; Graph's answer names its `attachment_id`"
            ),
            Row(
                "an upload sent again",
                [],
                #""attachment":{"type":"image","payload":{"attachment_id":"1857777774821032"}}"#,
                "image, audio, video, file and MEDIA_SHARE; in a list beside others, too; nothing is checked before the call"
            ),
            Row("sticker", [.sticker], #""attachment":{"type":"like_heart"}"#, "no payload"),
            Row(
                "own post",
                [.share],
                #""attachment":{"type":"MEDIA_SHARE","payload":{"id":"17900000000000001"}}"#,
                "the account owns the post"
            ),
        ]

    static let templates: [Row] = [
        Row(
            "generic template",
            [.genericTemplate],
            #""attachment":{"type":"template","payload":{"template_type":"generic","#
                + #""elements":[{"title":"Shoes","subtitle":"Red"}]}}"#,
            "1 to \(Limits.elements) elements; title \(Limits.elementTitleCharacters), subtitle"
                + " \(Limits.elementSubtitleCharacters) characters; one property besides the title (`subtitle`,"
                + " `image_url`, `default_action`, `buttons`); 0 to \(Limits.buttons) buttons"
        ),
        Row(
            "button template",
            [.buttonTemplate],
            #""attachment":{"type":"template","payload":{"template_type":"button","text":"Which?","#
                + #""buttons":[{"type":"postback","title":"This","payload":"THIS"}]}}"#,
            "text 1 to \(Limits.buttonTemplateTextCharacters) characters; 1 to \(Limits.buttons) buttons"
        ),
        Row(
            "a button",
            [.buttonTemplate],
            #"{"type":"web_url","title":"Open","url":"https://example.com"}"#,
            "`web_url` with `url`, or `postback` with `payload`; title \(Limits.buttonTitleCharacters), payload"
                + " \(Limits.payloadCharacters) characters",
            at: .button
        ),
        Row(
            "product template",
            [.productTemplate],
            #""attachment":{"type":"template","payload":{"template_type":"product","elements":[{"id":"4311873905544201"}]}}"#,
            "1 to \(Limits.elements) products; Facebook Login only (`graph.baseURL: https://graph.facebook.com`)"
        ),
    ]

    static let actions: [Row] = [
        Row(
            "reaction",
            [.reaction],
            #""sender_action":"react","payload":{"message_id":"aWdfZ","reaction":"love"}"#,
            "`love` or one emoji",
            at: .request
        ),
        Row(
            "reaction taken back",
            [.unreact],
            #""sender_action":"unreact","payload":{"message_id":"aWdfZ"}"#,
            "no `reaction`",
            at: .request
        ),
        Row(
            "typing",
            [.typing],
            #""sender_action":"typing_on""#,
            "`typing_on`, `typing_off`; no message, no payload, as every sender action no `messaging_type`, `tag` or"
                + " `reply_to`",
            at: .request
        ),
        Row("seen", [.seen], #""sender_action":"mark_seen""#, "no message, no payload", at: .request),
    ]

    static let additions: [Row] = [
        Row(
            "answer to a message",
            [],
            #""reply_to":{"mid":"aWdfZ"}"#,
            "beside `message`; on both hosts",
            at: .request
        ),
        Row(
            "private reply",
            [],
            #""recipient":{"comment_id":"17900000000000002"}"#,
            "one per comment, within \(Limits.privateReplyWindow / 86_400_000) days of it; no sender actions; only text and"
                + " quick replies reach people who do not follow",
            at: .request
        ),
        Row(
            "reply to a live comment",
            [],
            #""recipient":{"comment_id":"17900000000000003"},"comment":"live""#,
            "as above; 100 a second instead of 750 an hour",
            at: .request
        ),
        Row(
            "human agent",
            [],
            #""messaging_type":"MESSAGE_TAG","tag":"HUMAN_AGENT""#,
            "window of \(Limits.humanAgentWindow / 86_400_000) days after the person last wrote instead of"
                + " \(Limits.standardWindow / 3_600_000) hours; not with `sender` `bot`",
            at: .request
        ),
    ]

    static let rows = messages + templates + actions + additions

    private static var table: String {
        rows.reduce(into: "| kind | body | limits |\n| --- | --- | --- |\n") { text, row in
            text += "| \(row.name) | `\(row.body)` | \(row.limits) |\n"
        }
    }

    @Test(arguments: rows)
    func everyBodyOfTheTableIsAccepted(row: Row) throws {
        #expect(brokenRules(row.record) == [])
        let kind = try #require(judge(row.record).acceptance?.request.kind)
        #expect(row.kinds.isEmpty || row.kinds == [kind])
    }

    @Test func theTableHasEveryKind() {
        #expect(Self.rows.reduce(into: Set()) { $0.formUnion($1.kinds) } == Set(MessageKind.allCases))
    }

    @Test func theTableOfTheREADMESaysWhatTheCodeChecks() throws {
        let file = SchemaExamples.url(ofFile: "README.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let begin = try #require(text.range(of: "<!-- what you may send: generated -->\n"))
        let end = try #require(text.range(of: "<!-- end of what you may send -->"))
        let range = begin.upperBound..<end.lowerBound
        if ProcessInfo.processInfo.environment["REGENERATE"] == "1" {
            try Data(text.replacingCharacters(in: range, with: Self.table).utf8).write(to: file)
        } else {
            #expect(
                text[range] == Self.table,
                "README.md is out of step with the rules; write its table anew with: REGENERATE=1 swift test --filter ReadmeTableTests"
            )
        }
    }
}
