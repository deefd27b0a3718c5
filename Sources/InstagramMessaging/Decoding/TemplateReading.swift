extension RequestReading {
    static let template = ObjectSchema("template_type", "elements", "text", "buttons")
    private static let product = ObjectSchema("id")
    private static let element = ObjectSchema("title", "subtitle", "image_url", "default_action", "buttons")
    private static let button = ObjectSchema("type", "title", "url", "payload")
    private static let action = ObjectSchema("type", "url")

    /// Reads the payload of a template.
    mutating func template(_ members: RequestMembers) -> Content? {
        guard let type = string("template_type", in: members, isRequired: true) else { return nil }
        switch type {
        case "generic":
            refuse("text", in: members, "a generic template has no text of its own; put it into an element's title")
            refuse("buttons", in: members, "the buttons of a generic template stand in its elements; move them there")
            guard let elements = array("elements", in: members, isRequired: true) else { return nil }
            checkCount(elements, of: "elements", 1...MessageLimits.elements, .elementsCount)
            return readEach(elements, of: "elements") { $0.element($1) }.map(Content.genericTemplate)
        case "button":
            refuse("elements", in: members, "a button template has no elements; use text and buttons")
            return buttonTemplate(members)
        case "product":
            refuse("text", in: members, "a product template has no text; send that as a message of its own")
            refuse("buttons", in: members, "a product template has no buttons; leave them out")
            return productTemplate(members)
        default:
            let shown = type.shortened(to: 32)
            report(
                .templateTypeUnknown,
                at: "template_type",
                "template_type is \"\(shown)\"; it must be generic, button or product"
            )
            return nil
        }
    }

    private mutating func buttonTemplate(_ members: RequestMembers) -> Content? {
        let text = string("text", in: members, isRequired: true)
        checkLength(
            text,
            of: "text",
            MessageLimits.buttonTemplateTextCharacters,
            tooLong: .buttonTemplateTextTooLong,
            empty: .buttonTemplateTextEmpty
        )
        if let text { checkLinks(in: text) }
        guard let elements = array("buttons", in: members, isRequired: true) else { return nil }
        checkCount(elements, of: "buttons", 1...MessageLimits.buttons, .buttonTemplateButtonsCount)
        let buttons = readEach(elements, of: "buttons") { $0.button($1) }
        guard let text, let buttons else { return nil }
        return .buttonTemplate(text: text, buttons: buttons)
    }

    private mutating func productTemplate(_ members: RequestMembers) -> Content? {
        guard let elements = array("elements", in: members, isRequired: true) else { return nil }
        checkCount(elements, of: "elements", 1...MessageLimits.elements, .elementsCount)
        let ids = readEach(elements, of: "elements") { reading, value in
            reading.members(of: value, Self.product).flatMap { reading.graphID("id", in: $0, isRequired: true) }
        }
        return ids.map(Content.productTemplate(productIDs:))
    }

    private mutating func element(_ value: JSONValue) -> GenericElement? {
        guard let members = members(of: value, Self.element) else { return nil }
        let title = string("title", in: members, isRequired: true)
        checkLength(
            title,
            of: "title",
            MessageLimits.elementTitleCharacters,
            tooLong: .elementTitleTooLong,
            empty: .elementTitleEmpty
        )
        let subtitle = string("subtitle", in: members)
        checkLength(
            subtitle,
            of: "subtitle",
            MessageLimits.elementSubtitleCharacters,
            tooLong: .elementSubtitleTooLong,
            empty: .elementSubtitleEmpty
        )
        let imageURL = url("image_url", in: members)
        let actionURL = defaultActionURL(in: members)
        let elements = array("buttons", in: members) ?? []
        checkCount(elements, of: "buttons", 0...MessageLimits.buttons, .elementButtonsCount)
        let buttons = readEach(elements, of: "buttons") { $0.button($1) }
        checkHasMoreThanTitle(members, hasButtons: !elements.isEmpty)
        guard let title, let buttons else { return nil }
        return GenericElement(
            title: title,
            subtitle: subtitle,
            imageURL: imageURL,
            defaultActionURL: actionURL,
            buttons: buttons
        )
    }

    /// A wrong property is reported as such and counts as one; an empty list of buttons is none.
    private mutating func checkHasMoreThanTitle(_ members: RequestMembers, hasButtons: Bool) {
        let others = members.members.contains { member in
            member.name != "title" && !member.value.isNull
                && (member.name != "buttons" || hasButtons || member.value.array == nil)
        }
        if !others {
            report(.elementOnlyTitle, "has only a title; add a subtitle, image_url, default_action or buttons")
        }
    }

    private mutating func defaultActionURL(in members: RequestMembers) -> String? {
        guard let value = members["default_action"] else { return nil }
        return within("default_action") { reading in
            guard let members = reading.members(of: value, Self.action) else { return nil }
            if let type = reading.string("type", in: members, isRequired: true), type != "web_url" {
                let shown = type.shortened(to: 32)
                reading.report(.defaultActionType, at: "type", "type is \"\(shown)\"; a default action is a web_url")
            }
            return reading.url("url", in: members, isRequired: true)
        }
    }

    private mutating func button(_ value: JSONValue) -> Button? {
        guard let members = members(of: value, Self.button) else { return nil }
        let title = string("title", in: members, isRequired: true)
        checkLength(
            title,
            of: "title",
            MessageLimits.buttonTitleCharacters,
            tooLong: .buttonTitleTooLong,
            empty: .buttonTitleEmpty
        )
        guard let type = string("type", in: members, isRequired: true) else { return nil }
        switch type {
        case "web_url":
            refuse("payload", in: members, "a web_url button takes no payload; use a postback button for that")
            guard let url = url("url", in: members, isRequired: true), let title else { return nil }
            return .webURL(title: title, url: url)
        case "postback":
            refuse("url", in: members, "a postback button takes no url; use a web_url button for that")
            let payload = string("payload", in: members, isRequired: true)
            checkLength(
                payload,
                of: "payload",
                MessageLimits.payloadCharacters,
                tooLong: .buttonPayloadTooLong,
                empty: .buttonPayloadEmpty
            )
            guard let title, let payload else { return nil }
            return .postback(title: title, payload: payload)
        default:
            let shown = type.shortened(to: 32)
            report(.buttonTypeUnknown, at: "type", "type is \"\(shown)\"; a button is a web_url or a postback")
            return nil
        }
    }
}
