extension RequestReading {
    private static let reaction = ObjectSchema("message_id", "reaction")

    /// Reads `message` or `sender_action`; both where both stand there, so that all their faults are told.
    mutating func content(in members: RequestMembers, recipient: Recipient?) -> Content? {
        let message = members["message"]
        let hasAction = members["sender_action"] != nil
        if (message != nil) == hasAction {
            let count = hasAction ? "both" : "neither"
            report(.contentOneOf, "has \(count) of message and sender_action; give exactly one of them")
        }
        let action = hasAction ? senderAction(in: members, recipient: recipient) : nil
        if !hasAction, message != nil {
            refuse("payload", in: members, "payload belongs to the sender actions react and unreact; leave it out")
        }
        let read = message.flatMap { value in within("message") { $0.message(value) } }
        return read ?? action
    }

    /// Reports what belongs to messages in a request that has a sender action only; true where it is one.
    mutating func refuseMessageMembers(in members: RequestMembers) -> Bool {
        guard members["sender_action"] != nil, members["message"] == nil else { return false }
        for name in ["messaging_type", "tag"] {
            refuse(name, in: members, "a sender action has no \(name); leave it out")
        }
        refuse("reply_to", in: members, "a sender action answers no message; leave it out")
        return true
    }

    private mutating func senderAction(in members: RequestMembers, recipient: Recipient?) -> Content? {
        if case .comment = recipient {
            report(
                .senderActionPrivateReply,
                at: "sender_action",
                "a sender action needs recipient.id; a comment (recipient.comment_id) can only be answered by a message"
            )
        }
        guard let name = string("sender_action", in: members) else { return nil }
        switch name {
        case "react", "unreact": return reaction(in: members, isTakenBack: name == "unreact")
        case "typing_on", "typing_off", "mark_seen":
            refuse("payload", in: members, "\(name) takes no payload; leave it out")
            return name == "mark_seen" ? .seen : .typing(isOn: name == "typing_on")
        default:
            report(
                .senderActionUnknown,
                at: "sender_action",
                "sender_action is \"\(name.shortened(to: 32))\"; known are "
                    + SenderActionName.all.joined(separator: ", ")
            )
            return nil
        }
    }

    private mutating func reaction(in members: RequestMembers, isTakenBack: Bool) -> Content? {
        guard let payload = members["payload"] else {
            reportMissing("payload", "an object with message_id" + (isTakenBack ? "" : " and reaction"), in: members)
            return nil
        }
        return within("payload") { reading in
            guard let members = reading.members(of: payload, Self.reaction) else { return nil }
            let messageID = reading.graphID("message_id", in: members, isRequired: true)
            if isTakenBack {
                reading.refuse("reaction", in: members, "unreact takes back whatever the reaction was; leave it out")
                return messageID.map(Content.unreact(messageID:))
            }
            let reaction = reading.reactionValue(in: members)
            guard let messageID, let reaction else { return nil }
            return .reaction(messageID: messageID, reaction)
        }
    }

    private mutating func reactionValue(in members: RequestMembers) -> Reaction? {
        guard let text = string("reaction", in: members, isRequired: true) else { return nil }
        if text == "love" { return .love }
        if let character = text.first, text.dropFirst().isEmpty, character.isEmoji { return .emoji(character) }
        report(
            .reactionForm,
            at: "reaction",
            "reaction is neither \"love\" nor a single emoji; it has \(text.count) characters"
        )
        return nil
    }
}

extension Character {
    /// True for one emoji in any of its forms: with a presentation selector, a skin tone, joined to a sequence, a
    /// keycap or a flag. Digits, `#` and `*` alone are no emoji.
    var isEmoji: Bool {
        let scalars = Array(unicodeScalars)
        guard let first = scalars.first else { return false }
        if first.isASCII { return scalars.count > 1 && scalars.last == "\u{20E3}" && scalars.count <= 3 && isKeycap }
        let isRegional = (0x1F1E6...0x1F1FF).contains(first.value)
        if isRegional && scalars.count != 2 { return false }
        return first.properties.isEmoji
            && scalars.dropFirst().allSatisfy { scalar in
                scalar.properties.isEmoji && !scalar.isASCII || Self.joins(scalar)
            }
    }

    private var isKeycap: Bool {
        let scalars = Array(unicodeScalars)
        return scalars[0].properties.isEmoji && (scalars.count == 2 || scalars[1] == "\u{FE0F}")
    }

    /// Zero-width joiner, emoji presentation selector, and the tags of subdivision flags.
    private static func joins(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\u{200D}" || scalar == "\u{FE0F}" || (0xE0020...0xE007F).contains(scalar.value)
    }
}

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
    private mutating func message(_ value: JSONValue) -> Content? {
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
