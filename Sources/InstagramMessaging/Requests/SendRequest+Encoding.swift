extension SendRequest {
    /// The request as a record of the requests topic: a UTF-8 JSON object with the envelope and the Graph body.
    public func encodedRecord() -> [UInt8] {
        var writer = JSONWriter(reservingCapacity: 512)
        writer.beginObject()
        writer.member("request_id", requestID)
        writer.member("account_id", accountID)
        writeGraphMembers(to: &writer)
        writer.member("last_inbound_at", ifPresent: lastInboundAt?.rfc3339)
        writer.member("window_expires_at", ifPresent: windowExpiresAt?.rfc3339)
        writer.member("expires_at", ifPresent: expiresAt?.rfc3339)
        writer.member("sender", ifPresent: sender?.rawValue)
        if case .comment(_, isLive: true) = recipient { writer.member("comment", "live") }
        writer.member("delivery", ifPresent: delivery?.rawValue)
        if let context { writer.member("context", raw: context) }
        writer.endObject()
        return writer.bytes
    }

    /// The JSON body of the Graph call alone, without the envelope.
    public func encodedGraphBody() -> [UInt8] {
        var writer = JSONWriter(reservingCapacity: 384)
        writer.beginObject()
        writeGraphMembers(to: &writer)
        writer.endObject()
        return writer.bytes
    }

    private func writeGraphMembers(to writer: inout JSONWriter) {
        recipient.write(to: &writer)
        messagingType?.writeMembers(to: &writer)
        if kind.isSenderAction {
            content.writeSenderAction(to: &writer)
        } else {
            writer.name("message")
            writer.beginObject()
            content.writeMessageMembers(to: &writer)
            writer.endObject()
        }
        if let replyTo {
            writer.name("reply_to")
            writer.beginObject()
            writer.member("mid", replyTo)
            writer.endObject()
        }
    }
}

extension Recipient {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.name("recipient")
        writer.beginObject()
        switch self {
        case .user(let id): writer.member("id", id)
        case .comment(let id, _): writer.member("comment_id", id)
        }
        writer.endObject()
    }
}

extension MessagingType {
    fileprivate func writeMembers(to writer: inout JSONWriter) {
        switch self {
        case .response: writer.member("messaging_type", "RESPONSE")
        case .update: writer.member("messaging_type", "UPDATE")
        case .humanAgent:
            writer.member("messaging_type", "MESSAGE_TAG")
            writer.member("tag", "HUMAN_AGENT")
        }
    }
}
