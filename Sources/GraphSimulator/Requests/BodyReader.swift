import InstagramMessaging

/// Reads and checks a body by Graph's documented rules. Written apart from the worker's own checks on purpose: it is
/// what those are tested against.
struct BodyReader {
    private(set) var call: MessageCall

    /// Returns the call that the body asks for; where it is refused, as much as could be read, and the refusal.
    static func read(_ body: [UInt8]) -> MessageCall {
        var reader = BodyReader(call: MessageCall(bodyDigest: BodyDigest.of(body)))
        do {
            try reader.readRoot(body)
        } catch {
            reader.call.refusal = error.answer
        }
        return reader.call
    }

    private mutating func readRoot(_ body: [UInt8]) throws(BodyRefusal) {
        let root: JSONNode
        do {
            root = try JSONParser.parse(body)
        } catch {
            throw .parameter("The body is \(error)")
        }
        guard root.isObject else { throw .parameter("The body must be a JSON object") }
        try readRecipient(root["recipient"])
        try refuseForeignMembers(of: root)
        try checkMessagingType(root)
        switch (root["message"], root["sender_action"]) {
        case (.some(let message), nil):
            try readMessage(message)
            if let reply = root["reply_to"], reply["mid"]?.string == nil {
                throw .parameter("Param reply_to[mid] must be a string")
            }
        case (nil, .some(let action)):
            for name in ["messaging_type", "tag", "reply_to"] where root[name] != nil {
                throw .parameter("Param \(name) is not allowed with sender_action")
            }
            try readSenderAction(action, payload: root["payload"])
        case (nil, nil): throw .parameter("One of message and sender_action is required")
        default: throw .parameter("Only one of message and sender_action is allowed")
        }
        if call.isPrivateReply { call.rateClass = Self.rateClass(ofComment: call.recipient) }
    }

    /// Graph knows which comments are live ones; here it is those whose id begins with `live`.
    private static func rateClass(ofComment id: String?) -> RateClass {
        id?.hasPrefix("live") == true ? .liveReplies : .privateReplies
    }

    private mutating func readRecipient(_ recipient: JSONNode?) throws(BodyRefusal) {
        guard let recipient, recipient.isObject else { throw .parameter("Param recipient must be an object") }
        switch (recipient["id"], recipient["comment_id"]) {
        case (.some(let id), nil):
            guard let id = id.string, !id.isEmpty else { throw .parameter("Param recipient[id] must be a string") }
            call.recipient = id
            guard id.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { throw .unknownRecipient }
        case (nil, .some(let id)):
            guard let id = id.string, !id.isEmpty else {
                throw .parameter("Param recipient[comment_id] must be a string")
            }
            call.recipient = id
            call.isPrivateReply = true
            call.rateClass = Self.rateClass(ofComment: id)
        default:
            throw .parameter("Param recipient must have exactly one of id and comment_id")
        }
    }

    /// The worker's own envelope must not reach Graph.
    private func refuseForeignMembers(of root: JSONNode) throws(BodyRefusal) {
        let envelope = [
            "request_id", "account_id", "last_inbound_at", "window_expires_at", "expires_at", "sender", "comment",
            "delivery", "context",
        ]
        for name in envelope where root[name] != nil {
            throw .parameter("Unexpected key \"\(name)\" on the request")
        }
    }

    private func checkMessagingType(_ root: JSONNode) throws(BodyRefusal) {
        let type = root["messaging_type"]
        if let type {
            guard let type = type.string, ["RESPONSE", "UPDATE", "MESSAGE_TAG"].contains(type) else {
                throw .parameter("Param messaging_type must be one of {RESPONSE, UPDATE, MESSAGE_TAG}")
            }
        }
        if let tag = root["tag"] {
            guard tag.string == "HUMAN_AGENT" else { throw .parameter("Param tag must be one of {HUMAN_AGENT}") }
            guard type?.string == "MESSAGE_TAG" else { throw .parameter("A tag needs messaging_type MESSAGE_TAG") }
        } else if type?.string == "MESSAGE_TAG" {
            throw .parameter("messaging_type MESSAGE_TAG needs a tag")
        }
    }

    private mutating func readSenderAction(_ action: JSONNode, payload: JSONNode?) throws(BodyRefusal) {
        guard let action = action.string,
            ["react", "unreact", "typing_on", "typing_off", "mark_seen"].contains(action)
        else {
            throw .parameter("Param sender_action must be one of {react, unreact, typing_on, typing_off, mark_seen}")
        }
        call.kind = action
        call.isSenderAction = true
        guard !call.isPrivateReply else { throw .parameter("A sender action needs recipient[id]") }
        guard action == "react" || action == "unreact" else { return }
        guard let messageID = payload?["message_id"]?.string, !messageID.isEmpty else {
            throw .parameter("Param payload[message_id] must be a string")
        }
        call.marker = MessageCall.marker(from: messageID)
        guard action == "react" else { return }
        guard let reaction = payload?["reaction"]?.string, Self.isReaction(reaction) else {
            throw .parameter("Param payload[reaction] must be love or one emoji")
        }
    }

    private static func isReaction(_ text: String) -> Bool {
        text == "love" || text.count == 1 && text.unicodeScalars.contains { $0.properties.isEmoji && !$0.isASCII }
    }
}

extension BodyReader {
    private mutating func readMessage(_ message: JSONNode) throws(BodyRefusal) {
        guard message.isObject else { throw .parameter("Param message must be an object") }
        let contents = ["text", "attachment", "attachments"].filter { message[$0] != nil }
        guard contents.count == 1, let content = contents.first.flatMap({ message[$0] }) else {
            throw .message("Param message must have exactly one of text, attachment and attachments")
        }
        switch contents[0] {
        case "text": try readText(content)
        case "attachment": try readAttachment(content)
        default: try readAttachments(content)
        }
        if let replies = message["quick_replies"] {
            guard contents[0] == "text" else { throw .message("Quick replies need message[text]") }
            call.kind = "quick_replies"
            try ElementRules.checkQuickReplies(replies)
        }
        guard message["reply_to"] == nil else { throw .parameter("Unexpected key \"reply_to\" on the message") }
    }

    private mutating func readText(_ text: JSONNode) throws(BodyRefusal) {
        call.kind = "text"
        guard let text = text.string else { throw .parameter("Param message[text] must be a string") }
        call.marker = MessageCall.marker(from: text)
        guard (1...1000).contains(text.utf8.count) else {
            throw .message("Length of param message[text] must be 1 to 1000 bytes, it is \(text.utf8.count)")
        }
        guard text.contains(where: { !$0.isWhitespace }) else { throw .emptyText }
    }

    private mutating func readAttachments(_ attachments: JSONNode) throws(BodyRefusal) {
        call.kind = "images"
        guard let images = attachments.array, (1...10).contains(images.count) else {
            throw .message("Param message[attachments] must be an array of 1 to 10 images")
        }
        for image in images {
            guard image["type"]?.string == "image" else { throw .message("message[attachments] takes images only") }
            try readMedia(image)
        }
    }

    private mutating func readAttachment(_ attachment: JSONNode) throws(BodyRefusal) {
        guard let type = attachment["type"]?.string else {
            throw .parameter("Param message[attachment][type] must be a string")
        }
        switch type {
        case "image", "audio", "video", "file":
            call.kind = type
            if type == "audio" || type == "video", !call.isPrivateReply { call.rateClass = .media }
            try readMedia(attachment)
        case "like_heart":
            call.kind = "sticker"
            guard attachment["payload"] == nil else { throw .message("like_heart takes no payload") }
        case "MEDIA_SHARE":
            call.kind = "share"
            let payload = attachment["payload"]
            guard let id = (payload?["id"] ?? payload?["attachment_id"])?.string, !id.isEmpty else {
                throw .message("Param message[attachment][payload] needs id or attachment_id, a string")
            }
            call.marker = MessageCall.marker(from: id)
        case "template":
            try readTemplate(attachment["payload"])
        default:
            throw .message(
                "Param message[attachment][type] must be one of "
                    + "{image, audio, video, file, like_heart, MEDIA_SHARE, template}"
            )
        }
    }

    private mutating func readMedia(_ attachment: JSONNode) throws(BodyRefusal) {
        let payload = attachment["payload"]
        guard (payload?["url"] == nil) != (payload?["attachment_id"] == nil) else {
            throw .message("Param message[attachment][payload] must have one of url and attachment_id")
        }
        if let id = payload?["attachment_id"] {
            guard let id = id.string, !id.isEmpty else {
                throw .message("Param message[attachment][payload][attachment_id] must be a string")
            }
            call.marker = call.marker ?? MessageCall.marker(from: id)
            return
        }
        guard let url = payload?["url"]?.string else {
            throw .message("Param message[attachment][payload][url] must be a string")
        }
        call.refersToMedia = true
        call.keepsUpload = call.keepsUpload || payload?["is_reusable"] == .bool(true)
        call.marker = call.marker ?? MessageCall.marker(from: url)
        try ElementRules.checkURL(url, "message[attachment][payload][url]")
    }

    private mutating func readTemplate(_ payload: JSONNode?) throws(BodyRefusal) {
        switch payload?["template_type"]?.string {
        case "generic":
            call.kind = "generic_template"
            call.marker = MessageCall.marker(from: payload?["elements"]?.array?.first?["title"]?.string)
            try ElementRules.checkGenericElements(payload?["elements"])
        case "button":
            call.kind = "button_template"
            call.marker = MessageCall.marker(from: payload?["text"]?.string)
            try ElementRules.checkText(payload?["text"], "text", characters: 1...640)
            try ElementRules.checkButtons(payload?["buttons"], count: 1...3)
        case "product":
            call.kind = "product_template"
            call.marker = MessageCall.marker(from: payload?["elements"]?.array?.first?["id"]?.string)
            try ElementRules.checkProducts(payload?["elements"])
        default:
            throw .message(
                "Param message[attachment][payload][template_type] must be one of {generic, button, product}"
            )
        }
    }
}

/// The documented limits of quick replies, template elements and buttons.
private enum ElementRules {
    static func checkQuickReplies(_ replies: JSONNode) throws(BodyRefusal) {
        guard let replies = replies.array, (1...13).contains(replies.count) else {
            throw .message("Param message[quick_replies] must be an array of 1 to 13")
        }
        for reply in replies {
            guard reply["content_type"]?.string == "text" else {
                throw .message("content_type must be one of {text}")
            }
            try checkText(reply["title"], "quick reply title", characters: 1...20)
            try checkText(reply["payload"], "quick reply payload", characters: 0...1000)
        }
    }

    static func checkGenericElements(_ elements: JSONNode?) throws(BodyRefusal) {
        guard let elements = elements?.array, (1...10).contains(elements.count) else {
            throw .message("Param elements must be an array of 1 to 10")
        }
        for element in elements {
            try checkText(element["title"], "element title", characters: 1...80)
            let others = ["subtitle", "image_url", "default_action", "buttons"].filter { element[$0] != nil }
            guard !others.isEmpty else { throw .message("An element needs a property besides its title") }
            if let subtitle = element["subtitle"] { try checkText(subtitle, "element subtitle", characters: 1...80) }
            if let url = element["image_url"] { try checkURL(url.string ?? "", "element image_url") }
            if let buttons = element["buttons"] { try checkButtons(buttons, count: 0...3) }
            if let action = element["default_action"] {
                guard action["type"]?.string == "web_url" else { throw .message("A default_action is a web_url") }
                try checkURL(action["url"]?.string ?? "", "default_action url")
            }
        }
    }

    static func checkProducts(_ elements: JSONNode?) throws(BodyRefusal) {
        guard let elements = elements?.array, (1...10).contains(elements.count) else {
            throw .message("Param elements must be an array of 1 to 10")
        }
        for element in elements { try checkText(element["id"], "product id", characters: 1...512) }
    }

    static func checkButtons(_ buttons: JSONNode?, count: ClosedRange<Int>) throws(BodyRefusal) {
        guard let buttons = buttons?.array, count.contains(buttons.count) else {
            throw .message("Param buttons must be an array of \(count.lowerBound) to \(count.upperBound)")
        }
        for button in buttons {
            try checkText(button["title"], "button title", characters: 1...20)
            switch button["type"]?.string {
            case "web_url": try checkURL(button["url"]?.string ?? "", "button url")
            case "postback": try checkText(button["payload"], "button payload", characters: 1...1000)
            default: throw .message("Button type must be one of {web_url, postback}")
            }
        }
    }

    static func checkText(_ text: JSONNode?, _ name: String, characters: ClosedRange<Int>) throws(BodyRefusal) {
        guard let text = text?.string else { throw .message("The \(name) must be a string") }
        guard characters.contains(text.count) else {
            throw .message("The \(name) must have \(characters.lowerBound) to \(characters.upperBound) characters")
        }
    }

    /// Absolute, http or https, with a host.
    static func checkURL(_ url: String, _ name: String) throws(BodyRefusal) {
        let refusal = BodyRefusal.message("Param \(name) must be an absolute http or https URL")
        let lowercased = url.lowercased()
        guard let scheme = ["https://", "http://"].first(where: lowercased.hasPrefix) else { throw refusal }
        let rest = url.dropFirst(scheme.count)
        guard let first = rest.first, !"/?#:@".contains(first) else { throw refusal }
        guard rest.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { throw refusal }
    }
}
