extension RequestReading {
    private static let message = ObjectSchema(
        "text",
        "attachment",
        "attachments",
        "quick_replies",
        elsewhere: ["reply_to": "it stands beside message, not in it"]
    )
    private static let quickReply = ObjectSchema("content_type", "title", "payload")

    /// Reads the object `message`.
    mutating func message(_ value: JSONValue) -> Content? {
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
        if let text {
            if members["quick_replies"] == nil { return .text(text) }
            return quickReplies.map { .quickReplies(text: text, replies: $0) }
        }
        return attachment ?? images.map { .images($0) }
    }

    private mutating func messageText(in members: RequestMembers) -> String? {
        guard let text = string("text", in: members) else { return nil }
        let size = text.utf8.count
        if text.unicodeScalars.allSatisfy(\.properties.isWhitespace) {
            let found = size == 0 ? "is empty" : "holds nothing but white space"
            report(.textEmpty, at: "text", "text \(found); write at least one character that can be seen")
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
        guard let type = string("content_type", in: members, isRequired: true) else { return nil }
        guard type == "text" else {
            reportContentType(type)
            return nil
        }
        let title = string("title", in: members, isRequired: true)
        checkLength(
            title,
            of: "title",
            MessageLimits.quickReplyTitleCharacters,
            tooLong: .quickReplyTitleTooLong,
            empty: .quickReplyTitleEmpty
        )
        let payload = string("payload", in: members, isRequired: true)
        checkLength(payload, of: "payload", MessageLimits.payloadCharacters, tooLong: .quickReplyPayloadTooLong)
        guard let title, let payload else { return nil }
        return .text(title: title, payload: payload)
    }

    private mutating func reportContentType(_ type: String) {
        guard !MessageLimits.retiredQuickReplies.contains(type) else {
            report(
                .quickReplyContentType,
                at: "content_type",
                "content_type is \"\(type)\", which the platform switched off on"
                    + " \(MessageLimits.quickRepliesRetiredOn) in all versions; ask for it in the text"
            )
            return
        }
        report(
            .quickReplyContentType,
            at: "content_type",
            "content_type is \"\(type.shortened(to: 32))\"; it must be text"
        )
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
