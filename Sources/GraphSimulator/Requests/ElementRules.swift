/// The documented limits of quick replies, template elements and buttons.
enum ElementRules {
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
