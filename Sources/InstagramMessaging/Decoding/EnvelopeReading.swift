extension RequestReading {
    static let envelope = ObjectSchema(
        "request_id",
        "account_id",
        "recipient",
        "message",
        "sender_action",
        "payload",
        "messaging_type",
        "tag",
        "reply_to",
        "last_inbound_at",
        "window_expires_at",
        "expires_at",
        "sender",
        "comment",
        "delivery",
        "context"
    )
    private static let recipient = ObjectSchema("id", "comment_id")
    private static let replyTo = ObjectSchema("mid")

    /// Reads a whole request; nil where rules are broken.
    mutating func request(_ members: RequestMembers, context: [UInt8]?, now: Timestamp) -> SendRequest? {
        let requestID = requestID(in: members)
        let accountID = accountID(in: members)
        let recipient = recipient(in: members)
        let content = content(in: members, recipient: recipient)
        let isAction = refuseMessageMembers(in: members)
        let (messagingType, isMessagingTypeKnown) = isAction ? (nil, true) : messagingType(in: members)
        let replyTo = isAction ? nil : replyTo(in: members)
        let lastInboundAt = timestamp("last_inbound_at", in: members)
        let windowExpiresAt = timestamp("window_expires_at", in: members)
        let expiresAt = timestamp("expires_at", in: members)
        let sender = sender(in: members, messagingType: messagingType)
        let delivery = delivery(in: members)
        checkContext(in: members)
        checkExpiry(expiresAt, now: now)
        if members["window_expires_at"] != nil {
            checkWindow(expiresAt: windowExpiresAt, now: now)
        } else if let recipient, let lastInboundAt, isMessagingTypeKnown {
            checkWindow(lastInboundAt: lastInboundAt, recipient: recipient, messagingType: messagingType, now: now)
        }
        guard isClean, let requestID, let accountID, let recipient, let content else { return nil }
        return SendRequest(
            requestID: requestID,
            accountID: accountID,
            recipient: recipient,
            content: content,
            replyTo: replyTo,
            messagingType: messagingType,
            lastInboundAt: lastInboundAt,
            windowExpiresAt: windowExpiresAt,
            expiresAt: expiresAt,
            sender: sender,
            delivery: delivery,
            context: context
        )
    }

    private mutating func requestID(in members: RequestMembers) -> String? {
        guard let id = string("request_id", in: members, isRequired: true) else { return nil }
        guard !EnvelopeForms.isRequestID(id) else { return id }
        let limit = MessageLimits.requestIDCharacters
        report(
            .requestIDForm,
            at: "request_id",
            "request_id has \(id.utf8.count) bytes; it must be 1 to \(limit) characters out of A-Z a-z 0-9 . _ : -"
        )
        return nil
    }

    private mutating func accountID(in members: RequestMembers) -> String? {
        guard let id = string("account_id", in: members, isRequired: true) else { return nil }
        guard !EnvelopeForms.isAccountID(id) else { return id }
        report(
            .accountIDForm,
            at: "account_id",
            "account_id has \(id.utf8.count) bytes; it must be 1 to \(MessageLimits.accountIDDigits) digits, the id of"
                + " the professional account"
        )
        return nil
    }

    private mutating func recipient(in members: RequestMembers) -> Recipient? {
        let isLive = isLiveComment(in: members)
        guard let value = members["recipient"] else {
            reportMissing("recipient", "an object with id or comment_id", in: members)
            return nil
        }
        let recipient: Recipient? = within("recipient") { reading in
            guard let members = reading.members(of: value, Self.recipient) else { return nil }
            let hasUser = members["id"] != nil
            if hasUser == (members["comment_id"] != nil) {
                let count = hasUser ? "both" : "neither"
                reading.report(.recipientOneOf, "has \(count) of id and comment_id; give exactly one of them")
            }
            let user = reading.graphID("id", in: members)
            let comment = reading.graphID("comment_id", in: members)
            return user.map(Recipient.user(id:)) ?? comment.map { .comment(id: $0, isLive: isLive) }
        }
        if case .user = recipient {
            refuse(
                "comment",
                in: members,
                "comment is about recipient.comment_id; a person (recipient.id) is no comment"
            )
        }
        return recipient
    }

    private mutating func isLiveComment(in members: RequestMembers) -> Bool {
        guard let name = string("comment", in: members) else { return false }
        if name == "live" { return true }
        report(
            .commentUnknown,
            at: "comment",
            "comment is \"\(name.shortened(to: 32))\"; it must be live, or be left out for comments on posts and reels"
        )
        return false
    }

    private mutating func replyTo(in members: RequestMembers) -> String? {
        guard let value = members["reply_to"] else { return nil }
        return within("reply_to") { reading in
            guard let members = reading.members(of: value, Self.replyTo) else { return nil }
            return reading.graphID("mid", in: members, isRequired: true)
        }
    }

    private mutating func sender(in members: RequestMembers, messagingType: MessagingType?) -> Sender? {
        guard let name = string("sender", in: members) else { return nil }
        guard let sender = Sender(rawValue: name) else {
            report(.senderUnknown, at: "sender", "sender is \"\(name.shortened(to: 32))\"; it must be bot or human")
            return nil
        }
        if sender == .bot, messagingType == .humanAgent {
            report(
                .senderHumanAgent,
                at: "sender",
                "sender is bot, and the tag HUMAN_AGENT is for messages that a person writes; leave the tag out within 24"
                    + " hours, and have a person answer after that"
            )
        }
        return sender
    }

    /// An id that Graph gave.
    mutating func graphID(_ name: String, in members: RequestMembers, isRequired: Bool = false) -> String? {
        guard let id = string(name, in: members, isRequired: isRequired) else { return nil }
        guard !EnvelopeForms.isGraphID(id) else { return id }
        report(
            .graphIDForm,
            at: name,
            "\(name) has \(id.utf8.count) bytes; an id has 1 to \(MessageLimits.graphIDBytes) visible ASCII characters"
                + " and no spaces: pass it on as Graph gave it"
        )
        return nil
    }

    private mutating func delivery(in members: RequestMembers) -> DeliveryPreference? {
        guard let name = string("delivery", in: members) else { return nil }
        if let delivery = DeliveryPreference(rawValue: name) { return delivery }
        report(
            .deliveryUnknown,
            at: "delivery",
            "delivery is \"\(name.shortened(to: 32))\"; it must be at_least_once or at_most_once"
        )
        return nil
    }

    private mutating func checkContext(in members: RequestMembers) {
        guard let value = members["context"] else { return }
        guard case .object = value.content else {
            reportType(of: value, at: "context", expected: "an object")
            return
        }
        if value.range.count > MessageLimits.contextBytes {
            report(
                .contextTooLarge,
                at: "context",
                "context is \(value.range.count) bytes as written; at most \(MessageLimits.contextBytes) are allowed:"
                    + " keep a key in it and the data elsewhere"
            )
        }
    }
}

/// The forms of the ids that an envelope holds.
enum EnvelopeForms {
    static func isRequestID(_ text: String) -> Bool {
        (1...MessageLimits.requestIDCharacters).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                byte.isLetterOrDigit || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
                    || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "-")
            }
    }

    static func isAccountID(_ text: String) -> Bool {
        (1...MessageLimits.accountIDDigits).contains(text.utf8.count) && text.utf8.allSatisfy(\.isDigit)
    }

    static func isGraphID(_ text: String) -> Bool {
        (1...MessageLimits.graphIDBytes).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}

extension RequestReading {
    /// A moment in RFC 3339.
    private mutating func timestamp(_ name: String, in members: RequestMembers) -> Timestamp? {
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
    private mutating func messagingType(in members: RequestMembers) -> (type: MessagingType?, isKnown: Bool) {
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
    private mutating func checkExpiry(_ expiresAt: Timestamp?, now: Timestamp) {
        guard let expiresAt, expiresAt <= now else { return }
        let moment = expiresAt.rfc3339
        report(.expired, at: "expires_at", "expires_at \(moment) has passed (it is \(now.rfc3339)); nothing was sent")
    }

    /// Reports a request that comes after the messaging window has closed, by what the caller knows of it.
    private mutating func checkWindow(expiresAt: Timestamp?, now: Timestamp) {
        guard let expiresAt, expiresAt <= now else { return }
        report(
            .windowClosed,
            at: "window_expires_at",
            "the messaging window closed at \(expiresAt.rfc3339), as window_expires_at says (it is \(now.rfc3339)); the"
                + " person has to write again"
        )
    }

    /// Reports a request that comes after the messaging window has closed, by when the person last wrote.
    private mutating func checkWindow(
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
