extension RequestReading {
    private static let message = ObjectSchema("text", "attachment", "attachments", "quick_replies", "reply_to")
    private static let replyTo = ObjectSchema("mid")
    private static let quickReply = ObjectSchema("content_type", "title", "payload")

    /// Reads the object `message`.
    mutating func message(_ value: JSONValue) -> (content: Content, replyTo: String?)? {
        guard let members = members(of: value, Self.message) else { return nil }
        let present = ["text", "attachment", "attachments"].filter { members[$0] != nil }
        if present.count != 1 {
            let found =
                present.isEmpty ? "none of text, attachment and attachments" : present.joined(separator: " and ")
            report(.messageOneOf, "has \(found); give exactly one of text, attachment and attachments")
        }
        let text = messageText(in: members)
        let attachment = members["attachment"].flatMap { value in within("attachment") { $0.attachment(value) } }
        let images = images(in: members)
        let quickReplies = quickReplies(in: members)
        let replyTo = replyTo(in: members)
        if let text {
            if members["quick_replies"] == nil { return (.text(text), replyTo) }
            return quickReplies.map { (.quickReplies(text: text, replies: $0), replyTo) }
        }
        return (attachment ?? images.map(Content.images(urls:))).map { ($0, replyTo) }
    }

    private mutating func messageText(in members: RequestMembers) -> String? {
        guard let text = string("text", in: members) else { return nil }
        let size = text.utf8.count
        if size == 0 {
            report(.textEmpty, at: "text", "text is empty; a message has at least 1 byte")
        } else if size > MessageLimits.textBytes {
            report(
                .textTooLong,
                at: "text",
                "text is \(size) bytes of UTF-8; at most \(MessageLimits.textBytes) are allowed: shorten it, or send it"
                    + " as several messages"
            )
        }
        checkLinks(in: text)
        return text
    }

    /// Checks the links of the member `text`.
    mutating func checkLinks(in text: String) {
        for offset in LinkScanner.malformedLinks(in: text) {
            report(
                .textLinkForm,
                at: "text",
                "the link at byte \(offset) of the text has no well-formed host or port; write it like"
                    + " https://example.com/path"
            )
        }
    }

    private mutating func replyTo(in members: RequestMembers) -> String? {
        guard let value = members["reply_to"] else { return nil }
        return within("reply_to") { reading in
            guard let members = reading.members(of: value, Self.replyTo) else { return nil }
            return reading.graphID("mid", in: members, isRequired: true)
        }
    }

    private mutating func quickReplies(in members: RequestMembers) -> [QuickReply]? {
        guard let elements = array("quick_replies", in: members) else { return nil }
        if members["text"] == nil {
            report(
                .quickRepliesNeedText,
                at: "quick_replies",
                "quick_replies stand below a text; add text to the message"
            )
        }
        checkCount(elements, of: "quick_replies", 1...MessageLimits.quickReplies, .quickRepliesCount)
        return readEach(elements, of: "quick_replies") { $0.quickReply($1) }
    }

    /// Reports an array with too few or too many elements.
    mutating func checkCount(_ elements: [JSONValue], of name: String, _ limit: ClosedRange<Int>, _ rule: RuleID) {
        guard !limit.contains(elements.count) else { return }
        let advice = elements.count > limit.upperBound ? "remove \(elements.count - limit.upperBound)" : "add one"
        report(
            rule,
            at: name,
            "\(name) has \(elements.count) elements; \(limit.lowerBound) to \(limit.upperBound) are allowed: \(advice)"
        )
    }

    private mutating func quickReply(_ value: JSONValue) -> QuickReply? {
        guard let members = members(of: value, Self.quickReply) else { return nil }
        let payload = string("payload", in: members)
        checkLength(payload, of: "payload", MessageLimits.payloadCharacters, tooLong: .quickReplyPayloadTooLong)
        guard let type = string("content_type", in: members, isRequired: true) else { return nil }
        switch type {
        case "text":
            let title = string("title", in: members, isRequired: true)
            checkLength(
                title,
                of: "title",
                MessageLimits.quickReplyTitleCharacters,
                tooLong: .quickReplyTitleTooLong,
                empty: .quickReplyTitleEmpty
            )
            return title.map { .text(title: $0, payload: payload) }
        case "user_phone_number", "user_email":
            refuse("title", in: members, "the platform itself shows the person's data as the title; leave it out")
            return type == "user_email" ? .userEmail(payload: payload) : .userPhoneNumber(payload: payload)
        default:
            report(
                .quickReplyContentType,
                at: "content_type",
                "content_type is \"\(type.shortened(to: 32))\"; it must be text, user_phone_number or user_email"
            )
            return nil
        }
    }

    /// Reports a text with more characters than allowed or, where a rule for it is given, with none.
    mutating func checkLength(
        _ text: String?,
        of name: String,
        _ limit: Int,
        tooLong: RuleID,
        empty: RuleID? = nil
    ) {
        guard let text else { return }
        if text.isEmpty, let empty {
            report(empty, at: name, "\(name) is empty; it has 1 to \(limit) characters")
        }
        // A text has at most as many characters as bytes; counting them is needed only for longer ones.
        guard text.utf8.count > limit else { return }
        let count = text.count
        if count > limit {
            report(tooLong, at: name, "\(name) has \(count) characters; at most \(limit) are allowed: shorten it")
        }
    }
}
