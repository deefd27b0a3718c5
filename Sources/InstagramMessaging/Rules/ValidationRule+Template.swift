extension ValidationRule {
    static let templateRules: [ValidationRule] =
        [
            ValidationRule(
                .templateTypeUnknown,
                "template_type is one of the known types.",
                limit: "generic, button, product",
                source: RuleSource.generic
            )
        ] + elementRules + buttonTemplateRules + buttonRules

    private static let elementRules: [ValidationRule] = [
        ValidationRule(
            .elementsCount,
            "A generic or product template holds neither none nor too many elements.",
            limit: "1 to \(MessageLimits.elements)",
            source: RuleSource.generic
        ),
        ValidationRule(
            .elementTitleEmpty,
            "The title of an element is not empty.",
            limit: "at least 1 character",
            source: RuleSource.generic
        ),
        ValidationRule(
            .elementTitleTooLong,
            "The title of an element is not too long.",
            limit: "\(MessageLimits.elementTitleCharacters) characters",
            source: RuleSource.generic
        ),
        ValidationRule(
            .elementSubtitleEmpty,
            "The subtitle of an element, where it is given, is not empty.",
            limit: "at least 1 character",
            source: RuleSource.generic
        ),
        ValidationRule(
            .elementSubtitleTooLong,
            "The subtitle of an element is not too long.",
            limit: "\(MessageLimits.elementSubtitleCharacters) characters",
            source: RuleSource.generic
        ),
        ValidationRule(
            .elementOnlyTitle,
            "An element has at least one property besides its title.",
            limit: "subtitle, image_url, default_action or buttons",
            source: RuleSource.generic
        ),
        ValidationRule(
            .elementButtonsCount,
            "An element has not too many buttons.",
            limit: "0 to \(MessageLimits.buttons)",
            source: RuleSource.generic
        ),
        ValidationRule(
            .defaultActionType,
            "The default action of an element opens a web page.",
            limit: "web_url",
            source: RuleSource.generic
        ),
    ]

    private static let buttonTemplateRules: [ValidationRule] = [
        ValidationRule(
            .buttonTemplateTextEmpty,
            "The text of a button template is not empty.",
            limit: "at least 1 character",
            source: RuleSource.buttons
        ),
        ValidationRule(
            .buttonTemplateTextTooLong,
            "The text of a button template is not too long.",
            limit: "\(MessageLimits.buttonTemplateTextCharacters) characters",
            source: RuleSource.buttons
        ),
        ValidationRule(
            .buttonTemplateButtonsCount,
            "A button template has neither no nor too many buttons.",
            limit: "1 to \(MessageLimits.buttons)",
            source: RuleSource.buttons
        ),
    ]

    private static let buttonRules: [ValidationRule] = [
        ValidationRule(
            .buttonTypeUnknown,
            "A button has one of the known types.",
            limit: "web_url, postback",
            source: RuleSource.buttons
        ),
        ValidationRule(
            .buttonTitleEmpty,
            "The title of a button is not empty.",
            limit: "at least 1 character",
            source: RuleSource.buttons
        ),
        ValidationRule(
            .buttonTitleTooLong,
            "The title of a button is not too long.",
            limit: "\(MessageLimits.buttonTitleCharacters) characters",
            source: RuleSource.buttons
        ),
        ValidationRule(
            .buttonPayloadEmpty,
            "The payload of a postback button is not empty.",
            limit: "at least 1 character",
            source: RuleSource.buttons
        ),
        ValidationRule(
            .buttonPayloadTooLong,
            "The payload of a postback button is not too long.",
            limit: "\(MessageLimits.payloadCharacters) characters",
            source: RuleSource.buttons
        ),
    ]
}
