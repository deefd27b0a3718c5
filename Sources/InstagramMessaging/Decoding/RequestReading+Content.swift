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
