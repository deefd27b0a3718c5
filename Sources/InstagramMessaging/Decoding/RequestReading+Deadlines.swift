extension RequestReading {
    /// A moment in RFC 3339.
    mutating func timestamp(_ name: String, in members: RequestMembers) -> Timestamp? {
        guard let text = string(name, in: members) else { return nil }
        if let timestamp = Timestamp(rfc3339: text) { return timestamp }
        report(
            .timestampForm,
            at: name,
            "\"\(text.shortened(to: 40))\" is not an RFC 3339 date-time; write it like 2025-06-30T14:05:09Z or"
                + " 2025-06-30T14:05:09.250+02:00"
        )
        return nil
    }

    /// Graph's purpose and tag; not known where they break a rule, since then the window is not known either.
    mutating func messagingType(in members: RequestMembers) -> (type: MessagingType?, isKnown: Bool) {
        guard members["messaging_type"] != nil || members["tag"] != nil else { return (nil, true) }
        let name = string("messaging_type", in: members)
        let tag = string("tag", in: members)
        let isTagKnown = checkTag(tag, in: members, messagingType: name)
        switch name {
        case nil: return (nil, false)
        case "RESPONSE": return (.response, isTagKnown)
        case "UPDATE": return (.update, isTagKnown)
        case "MESSAGE_TAG": return (.humanAgent, isTagKnown)
        case let other?:
            report(
                .messagingTypeUnknown,
                at: "messaging_type",
                "messaging_type is \"\(other.shortened(to: 32))\"; it must be RESPONSE, UPDATE or MESSAGE_TAG"
            )
            return (nil, false)
        }
    }

    private mutating func checkTag(_ tag: String?, in members: RequestMembers, messagingType: String?) -> Bool {
        var isKnown = true
        if let tag, tag != "HUMAN_AGENT" {
            let shown = tag.shortened(to: 32)
            report(.tagUnknown, at: "tag", "tag is \"\(shown)\"; HUMAN_AGENT is the only one that is left")
            isKnown = false
        }
        if members["tag"] == nil {
            guard messagingType == "MESSAGE_TAG" else { return isKnown }
            report(
                .messageTagMissing,
                at: "tag",
                "messaging_type MESSAGE_TAG needs a tag; add \"tag\": \"HUMAN_AGENT\""
            )
            return false
        }
        let isUntagged = members["messaging_type"] == nil || messagingType == "RESPONSE" || messagingType == "UPDATE"
        if isUntagged {
            report(
                .tagNotAllowed,
                at: "tag",
                "a tag has no effect without messaging_type MESSAGE_TAG; set that, or leave the tag out"
            )
        }
        return isKnown && !isUntagged && tag != nil
    }

    /// Reports a request whose own deadline has passed.
    mutating func checkExpiry(_ expiresAt: Timestamp?, now: Timestamp) {
        guard let expiresAt, expiresAt <= now else { return }
        let moment = expiresAt.rfc3339
        report(.expired, at: "expires_at", "expires_at \(moment) has passed (it is \(now.rfc3339)); nothing was sent")
    }

    /// Reports a request that comes after the messaging window has closed, by what the caller knows of it.
    mutating func checkWindow(expiresAt: Timestamp?, now: Timestamp) {
        guard let expiresAt, expiresAt <= now else { return }
        report(
            .windowClosed,
            at: "window_expires_at",
            "the messaging window closed at \(expiresAt.rfc3339), as window_expires_at says (it is \(now.rfc3339)); the"
                + " person has to write again"
        )
    }

    /// Reports a request that comes after the messaging window has closed, by when the person last wrote.
    mutating func checkWindow(
        lastInboundAt: Timestamp,
        recipient: Recipient,
        messagingType: MessagingType?,
        now: Timestamp
    ) {
        let length = MessageLimits.window(for: recipient, messagingType)
        let closesAt = lastInboundAt.adding(milliseconds: length)
        guard closesAt <= now else { return }
        let isStandard = length == MessageLimits.standardWindow
        report(
            .windowClosed,
            at: "last_inbound_at",
            "the messaging window closed at \(closesAt.rfc3339), \(isStandard ? "24 hours" : "7 days") after"
                + " last_inbound_at (it is \(now.rfc3339)); the person has to write again"
                + (isStandard ? ", or a human agent answers within 7 days (MESSAGE_TAG, HUMAN_AGENT)" : "")
        )
    }
}

extension MessageLimits {
    /// The length of the messaging window that applies, in milliseconds.
    static func window(for recipient: Recipient, _ messagingType: MessagingType?) -> Int64 {
        if case .comment = recipient { return privateReplyWindow }
        return messagingType == .humanAgent ? humanAgentWindow : standardWindow
    }
}
