import Foundation
import InstagramMessaging
import Testing

@Suite struct SendRequestEncodingTests {
    static let contents: [(content: Content, kind: MessageKind, body: String)] = [
        (.text("a\"\n😀 https://example.com"), .text, #""message":{"text":"a\"\n😀 https://example.com"}"#),
        (
            .quickReplies(
                text: "t",
                replies: [.text(title: "Yes", payload: "Y"), .text(title: "No", payload: "")]
            ),
            .quickReplies,
            #""message":{"text":"t","quick_replies":[{"content_type":"text","title":"Yes","payload":"Y"},{"content_type":"text","title":"No","payload":""}]}"#
        ),
        (
            .image(url: "https://example.com/a.gif"), .image,
            #""message":{"attachment":{"type":"image","payload":{"url":"https://example.com/a.gif"}}}"#
        ),
        (
            .audio(url: "https://example.com/a.m4a"), .audio,
            #""message":{"attachment":{"type":"audio","payload":{"url":"https://example.com/a.m4a"}}}"#
        ),
        (
            .video(url: "https://example.com/a.mp4"), .video,
            #""message":{"attachment":{"type":"video","payload":{"url":"https://example.com/a.mp4"}}}"#
        ),
        (
            .file(url: "https://example.com/a.pdf"), .file,
            #""message":{"attachment":{"type":"file","payload":{"url":"https://example.com/a.pdf"}}}"#
        ),
        (
            .images(urls: ["https://example.com/a", "https://example.com/b"]), .images,
            #""message":{"attachments":[{"type":"image","payload":{"url":"https://example.com/a"}},{"type":"image","payload":{"url":"https://example.com/b"}}]}"#
        ),
        (
            .image(.url("https://example.com/a.png", isReusable: true)), .image,
            #""message":{"attachment":{"type":"image","payload":{"url":"https://example.com/a.png","is_reusable":true}}}"#
        ),
        (
            .images([.uploaded(attachmentID: "7"), .url("https://example.com/b")]), .images,
            #""message":{"attachments":[{"type":"image","payload":{"attachment_id":"7"}},{"type":"image","payload":{"url":"https://example.com/b"}}]}"#
        ),
        (
            .share(.uploaded(attachmentID: "8")), .share,
            #""message":{"attachment":{"type":"MEDIA_SHARE","payload":{"attachment_id":"8"}}}"#
        ),
        (
            .productTemplate(productIDs: ["1", "2"]), .productTemplate,
            #""message":{"attachment":{"type":"template","payload":{"template_type":"product","elements":[{"id":"1"},{"id":"2"}]}}}"#
        ),
        (.sticker, .sticker, #""message":{"attachment":{"type":"like_heart"}}"#),
        (.share(postID: "179"), .share, #""message":{"attachment":{"type":"MEDIA_SHARE","payload":{"id":"179"}}}"#),
        (
            .genericTemplate([
                GenericElement(
                    title: "T",
                    subtitle: "S",
                    imageURL: "https://example.com/i",
                    defaultActionURL: "https://example.com/d",
                    buttons: [.webURL(title: "W", url: "https://example.com/w"), .postback(title: "P", payload: "p")]
                ),
                GenericElement(title: "U", subtitle: "V"),
            ]),
            .genericTemplate,
            #""message":{"attachment":{"type":"template","payload":{"template_type":"generic","elements":[{"title":"T","subtitle":"S","image_url":"https://example.com/i","default_action":{"type":"web_url","url":"https://example.com/d"},"buttons":[{"type":"web_url","title":"W","url":"https://example.com/w"},{"type":"postback","title":"P","payload":"p"}]},{"title":"U","subtitle":"V"}]}}}"#
        ),
        (
            .buttonTemplate(text: "T", buttons: [.postback(title: "P", payload: "p")]), .buttonTemplate,
            #""message":{"attachment":{"type":"template","payload":{"template_type":"button","text":"T","buttons":[{"type":"postback","title":"P","payload":"p"}]}}}"#
        ),
        (
            .reaction(messageID: "m", .love), .reaction,
            #""sender_action":"react","payload":{"message_id":"m","reaction":"love"}"#
        ),
        (
            .reaction(messageID: "m", .emoji("👍🏽")), .reaction,
            #""sender_action":"react","payload":{"message_id":"m","reaction":"👍🏽"}"#
        ),
        (.unreact(messageID: "m"), .unreact, #""sender_action":"unreact","payload":{"message_id":"m"}"#),
        (.typing(isOn: true), .typing, #""sender_action":"typing_on""#),
        (.typing(isOn: false), .typing, #""sender_action":"typing_off""#),
        (.seen, .seen, #""sender_action":"mark_seen""#),
    ]

    @Test func everyKindIsCovered() {
        #expect(Set(Self.contents.map(\.kind)) == Set(MessageKind.allCases))
    }

    @Test(arguments: contents)
    func aRequestIsEncodedAsDocumentedAndReadBackAsItWas(content: Content, kind: MessageKind, body: String) throws {
        var request = SendRequest(requestID: "r", accountID: "1", recipient: .user(id: "2"), content: content)
        #expect(String(decoding: request.encodedGraphBody(), as: UTF8.self) == #"{"recipient":{"id":"2"},\#(body)}"#)
        request.messagingType = kind.isSenderAction ? nil : .humanAgent
        request.sender = .human
        request.windowExpiresAt = SampleRecord.now.adding(milliseconds: 4321)
        request.replyTo = kind.isSenderAction ? nil : "mid"
        request.lastInboundAt = SampleRecord.now.adding(milliseconds: -1234)
        request.expiresAt = SampleRecord.now.adding(milliseconds: 1)
        request.delivery = .atMostOnce
        request.context = Array(#"{"order" : 7.0}"#.utf8)
        let accepted = try #require(RequestDecoder().decode(request.encodedRecord(), now: SampleRecord.now).acceptance)
        #expect(accepted.request == request)
        #expect(accepted.graphBody == request.encodedGraphBody())
        #expect(request.kind == kind)
        #expect(request.isIdempotent == kind.isSenderAction && request.expectsMessageID == !kind.isSenderAction)
        #expect(request.rateClass == (kind == .audio || kind == .video ? .media : .messages))
        let hasMedia: Set<MessageKind> = [.image, .audio, .video, .file, .images]
        #expect(request.mediaURLs.isEmpty != hasMedia.contains(kind))
        #expect(request.conversationKey == "u:2" && request.recipientID == "2")
    }

    static let uploads: [(content: Content, type: String)] = [
        (.image(.uploaded(attachmentID: "7")), "image"), (.audio(.uploaded(attachmentID: "7")), "audio"),
        (.video(.uploaded(attachmentID: "7")), "video"), (.file(.uploaded(attachmentID: "7")), "file"),
    ]

    @Test(arguments: uploads)
    func anUploadIsSentByItsIdAndNothingIsAskedOfAServer(content: Content, type: String) throws {
        let request = SendRequest(requestID: "r", accountID: "1", recipient: .user(id: "2"), content: content)
        #expect(
            String(decoding: request.encodedGraphBody(), as: UTF8.self)
                == #"{"recipient":{"id":"2"},"message":{"attachment":{"type":"\#(type)","payload":{"attachment_id":"7"}}}}"#
        )
        let accepted = try #require(RequestDecoder().decode(request.encodedRecord(), now: SampleRecord.now).acceptance)
        #expect(accepted.request == request && request.mediaURLs.isEmpty)
        let mixed = Content.images([.uploaded(attachmentID: "7"), .url("https://example.com/b")])
        let list = SendRequest(requestID: "r", accountID: "1", recipient: .user(id: "2"), content: mixed)
        #expect(list.mediaURLs.map(\.field) == ["/message/attachments/1/payload/url"])
    }

    @Test func whatTheWorkerWouldRefuseIsToldBeforehand() {
        let request = SendRequest(
            requestID: "r 1",
            accountID: "1",
            recipient: .comment(id: "2"),
            content: .quickReplies(text: "", replies: [])
        )
        #expect(
            request.violations(now: SampleRecord.now).map(\.rule) == [
                "request_id.form", "text.empty", "quick_replies.count",
            ]
        )
    }

    @Test func whatARecordCannotHoldIsToldBeforehand() {
        var request = SendRequest(requestID: "r", accountID: "1", recipient: .user(id: "2"), content: .seen)
        #expect(request.violations(now: SampleRecord.now) == [])
        request.replyTo = "mid"
        let losses = request.violations(now: SampleRecord.now)
        #expect(losses.map(\.field) == ["/reply_to"] && losses.map(\.rule) == ["member.not_allowed"])
        request.content = .text("hi")
        #expect(request.violations(now: SampleRecord.now) == [])
    }

    @Test(arguments: [
        (#"{"a":1}"#, nil), (" \n{} \t", nil), ("[]", "member.type"), ("", "record.not_json"), ("{", "record.not_json"),
        (#"{},"delivery":"at_most_once""#, "member.type"), (#"{},"request_id":"x""#, "record.duplicate_member"),
    ])
    func aContextThatIsNotOneJSONObjectIsToldBeforehand(context: String, rule: String?) {
        var request = SendRequest(requestID: "r", accountID: "1", recipient: .user(id: "2"), content: .seen)
        request.context = Array(context.utf8)
        #expect(request.violations(now: SampleRecord.now).map(\.rule) == [rule].compactMap(\.self))
    }

    @Test func theExampleOfTheDocumentationIsCodeThatCompilesAndRuns() throws {
        var key = ""
        var value: [UInt8] = []
        func publish(key newKey: String, value newValue: [UInt8]) { (key, value) = (newKey, newValue) }
        // example begins
        let now = Timestamp(millisecondsSinceEpoch: Int64(Date().timeIntervalSince1970 * 1000))
        let request = SendRequest(
            requestID: "order-4711-shipped",
            accountID: "17841405822304914",
            recipient: .user(id: "9001234567"),
            content: .quickReplies(
                text: "Your order has been shipped. Was everything fine?",
                replies: [.text(title: "Yes", payload: "FINE"), .text(title: "No", payload: "NOT_FINE")]
            ),
            expiresAt: now.adding(milliseconds: 3_600_000)
        )
        let violations = request.violations(now: now)
        if violations.isEmpty {
            publish(key: request.accountID, value: request.encodedRecord())
        }
        for violation in violations {
            print("\(violation.field): \(violation.message) [\(violation.rule)]")
        }
        // example ends
        #expect(key == "17841405822304914")
        #expect(RequestDecoder().decode(value, now: now).acceptance?.request == request)
        #expect(
            try Self.documentedExample()
                == Self.example(of: #filePath, from: "// example begins", to: "// example ends")
        )
    }

    private static func documentedExample() throws -> [String] {
        let tests = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        let source = tests.appending(path: "../../Sources/InstagramMessaging/Requests/SendRequest.swift").path
        return try example(of: source, from: "/// ```swift", to: "/// ```")
            .map { $0 == "///" ? "" : String($0.dropFirst("/// ".count)) }
    }

    /// The lines between two marks, indented as far as they are in relation to the first mark.
    private static func example(of path: String, from begin: String, to end: String) throws -> [String] {
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        let first = try #require(lines.firstIndex { $0.trimmingCharacters(in: .whitespaces) == begin })
        let last = try #require(lines[(first + 1)...].firstIndex { $0.trimmingCharacters(in: .whitespaces) == end })
        let indentation = lines[first].prefix { $0 == " " }.count
        return lines[(first + 1)..<last].map { String($0.dropFirst(indentation)) }
    }
}
