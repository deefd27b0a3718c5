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

extension Content {
    /// Writes `sender_action` and, for reactions, `payload`; nothing for a message.
    fileprivate func writeSenderAction(to writer: inout JSONWriter) {
        switch self {
        case .reaction(let messageID, let reaction):
            writer.member("sender_action", "react")
            writer.object("payload") { payload in
                payload.member("message_id", messageID)
                payload.member("reaction", reaction.graphValue)
            }
        case .unreact(let messageID):
            writer.member("sender_action", "unreact")
            writer.object("payload") { $0.member("message_id", messageID) }
        case .typing(let isOn):
            writer.member("sender_action", isOn ? "typing_on" : "typing_off")
        case .seen:
            writer.member("sender_action", "mark_seen")
        default:
            break
        }
    }

    /// Writes the members of `message` that make up this content; nothing for a sender action.
    fileprivate func writeMessageMembers(to writer: inout JSONWriter) {
        switch self {
        case .text(let text):
            writer.member("text", text)
        case .quickReplies(let text, let replies):
            writer.member("text", text)
            writer.array("quick_replies", of: replies) { $1.write(to: &$0) }
        case .image(let source): writer.attachment(type: "image") { source.write(to: &$0) }
        case .audio(let source): writer.attachment(type: "audio") { source.write(to: &$0) }
        case .video(let source): writer.attachment(type: "video") { source.write(to: &$0) }
        case .file(let source): writer.attachment(type: "file") { source.write(to: &$0) }
        case .images(let sources):
            writer.array("attachments", of: sources) { writer, source in
                writer.beginObject()
                writer.member("type", "image")
                writer.object("payload") { source.write(to: &$0) }
                writer.endObject()
            }
        case .sticker:
            writer.object("attachment") { $0.member("type", "like_heart") }
        case .share(.post(let id)):
            writer.attachment(type: "MEDIA_SHARE") { $0.member("id", id) }
        case .share(.uploaded(let attachmentID)):
            writer.attachment(type: "MEDIA_SHARE") { $0.member("attachment_id", attachmentID) }
        case .genericTemplate(let elements):
            writer.attachment(type: "template") { payload in
                payload.member("template_type", "generic")
                payload.array("elements", of: elements) { $1.write(to: &$0) }
            }
        case .buttonTemplate(let text, let buttons):
            writer.attachment(type: "template") { payload in
                payload.member("template_type", "button")
                payload.member("text", text)
                payload.array("buttons", of: buttons) { $1.write(to: &$0) }
            }
        case .productTemplate(let productIDs):
            writer.attachment(type: "template") { payload in
                payload.member("template_type", "product")
                payload.array("elements", of: productIDs) { writer, id in
                    writer.beginObject()
                    writer.member("id", id)
                    writer.endObject()
                }
            }
        case .reaction, .unreact, .typing, .seen:
            break
        }
    }
}

extension MediaSource {
    /// Writes the members of an attachment's payload.
    fileprivate func write(to writer: inout JSONWriter) {
        switch self {
        case .url(let url, let isReusable):
            writer.member("url", url)
            if isReusable { writer.member("is_reusable", true) }
        case .uploaded(let attachmentID):
            writer.member("attachment_id", attachmentID)
        }
    }
}

extension QuickReply {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        switch self {
        case .text(let title, let payload):
            writer.member("content_type", "text")
            writer.member("title", title)
            writer.member("payload", payload)
        }
        writer.endObject()
    }
}

extension GenericElement {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("title", title)
        writer.member("subtitle", ifPresent: subtitle)
        writer.member("image_url", ifPresent: imageURL)
        if let defaultActionURL {
            writer.object("default_action") { action in
                action.member("type", "web_url")
                action.member("url", defaultActionURL)
            }
        }
        if !buttons.isEmpty { writer.array("buttons", of: buttons) { $1.write(to: &$0) } }
        writer.endObject()
    }
}

extension Button {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        switch self {
        case .webURL(let title, let url):
            writer.member("type", "web_url")
            writer.member("title", title)
            writer.member("url", url)
        case .postback(let title, let payload):
            writer.member("type", "postback")
            writer.member("title", title)
            writer.member("payload", payload)
        }
        writer.endObject()
    }
}

extension JSONWriter {
    fileprivate mutating func object(_ name: String, _ members: (inout JSONWriter) -> Void) {
        self.name(name)
        beginObject()
        members(&self)
        endObject()
    }

    fileprivate mutating func array<Element>(
        _ name: String,
        of elements: [Element],
        _ write: (inout JSONWriter, Element) -> Void
    ) {
        self.name(name)
        beginArray()
        for element in elements { write(&self, element) }
        endArray()
    }

    fileprivate mutating func attachment(type: String, _ payload: (inout JSONWriter) -> Void) {
        object("attachment") { attachment in
            attachment.member("type", type)
            attachment.object("payload", payload)
        }
    }
}
