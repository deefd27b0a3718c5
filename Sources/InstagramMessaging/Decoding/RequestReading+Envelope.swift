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
        "last_inbound_at",
        "expires_at",
        "delivery",
        "context"
    )
    private static let recipient = ObjectSchema("id", "comment_id")

    /// Reads a whole request; nil where rules are broken.
    mutating func request(_ members: RequestMembers, context: [UInt8]?, now: Timestamp) -> SendRequest? {
        let requestID = requestID(in: members)
        let accountID = accountID(in: members)
        let recipient = recipient(in: members)
        let content = content(in: members, recipient: recipient)
        let (messagingType, isMessagingTypeKnown) = messagingType(in: members)
        let lastInboundAt = timestamp("last_inbound_at", in: members)
        let expiresAt = timestamp("expires_at", in: members)
        let delivery = delivery(in: members)
        checkContext(in: members)
        checkExpiry(expiresAt, now: now)
        if let recipient, let lastInboundAt, isMessagingTypeKnown {
            checkWindow(lastInboundAt: lastInboundAt, recipient: recipient, messagingType: messagingType, now: now)
        }
        guard isClean, let requestID, let accountID, let recipient, let content else { return nil }
        return SendRequest(
            requestID: requestID,
            accountID: accountID,
            recipient: recipient,
            content: content.content,
            replyTo: content.replyTo,
            messagingType: messagingType,
            lastInboundAt: lastInboundAt,
            expiresAt: expiresAt,
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
        guard let value = members["recipient"] else {
            reportMissing("recipient", "an object with id or comment_id")
            return nil
        }
        return within("recipient") { reading in
            guard let members = reading.members(of: value, Self.recipient) else { return nil }
            let hasUser = members["id"] != nil
            if hasUser == (members["comment_id"] != nil) {
                let count = hasUser ? "both" : "neither"
                reading.report(.recipientOneOf, "has \(count) of id and comment_id; give exactly one of them")
            }
            let user = reading.graphID("id", in: members)
            let comment = reading.graphID("comment_id", in: members)
            return user.map(Recipient.user(id:)) ?? comment.map(Recipient.comment(id:))
        }
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
