extension ValidationRule {
    static let messageRules: [ValidationRule] =
        [
            ValidationRule(
                .messageOneOf,
                "A message has exactly one of text, attachment and attachments.",
                source: RuleSource.send
            ),
            ValidationRule(
                .textEmpty,
                "A text is not empty and holds more than white space.",
                limit: "at least 1 character that is no white space",
                source: RuleSource.send
            ),
            ValidationRule(
                .textTooLong,
                "A text is not too long. Bytes of UTF-8 count, not characters: an emoji is 4 or more.",
                limit: "\(MessageLimits.textBytes) bytes of UTF-8",
                source: RuleSource.send
            ),
            ValidationRule(
                .textLinkForm,
                "A link in a text (http:// or https://) has a well-formed host and port; a smiley may follow it.",
                source: RuleSource.send
            ),
        ] + quickReplyRules

    private static let quickReplyRules: [ValidationRule] = [
        ValidationRule(
            .quickRepliesCount,
            "A message offers neither none nor too many quick replies.",
            limit: "1 to \(MessageLimits.quickReplies)",
            source: RuleSource.quickReplies
        ),
        ValidationRule(.quickRepliesNeedText, "Quick replies stand below a text.", source: RuleSource.quickReplies),
        ValidationRule(
            .quickReplyContentType,
            "content_type is one of the known types.",
            limit: "text (\(MessageLimits.retiredQuickReplies.joined(separator: " and ")) were switched off on"
                + " \(MessageLimits.quickRepliesRetiredOn))",
            source: RuleSource.quickReplies
        ),
        ValidationRule(
            .quickReplyTitleEmpty,
            "The title of a quick reply is not empty.",
            limit: "at least 1 character",
            source: RuleSource.quickReplies
        ),
        ValidationRule(
            .quickReplyTitleTooLong,
            "The title of a quick reply is not too long.",
            limit: "\(MessageLimits.quickReplyTitleCharacters) characters",
            source: RuleSource.quickReplies
        ),
        ValidationRule(
            .quickReplyPayloadTooLong,
            "The payload of a quick reply is not too long.",
            limit: "\(MessageLimits.payloadCharacters) characters",
            source: RuleSource.quickReplies
        ),
    ]

    static let attachmentRules: [ValidationRule] =
        [
            ValidationRule(
                .attachmentTypeUnknown,
                "An attachment has one of the known types.",
                limit: AttachmentReading.types.joined(separator: ", "),
                source: RuleSource.send
            ),
            ValidationRule(
                .attachmentOneOf,
                "The payload of a file has exactly one of url and attachment_id, that of a shared post of id and attachment_id.",
                source: RuleSource.send
            ),
            ValidationRule(
                .attachmentsCount,
                "attachments holds neither none nor too many images.",
                limit: "1 to \(MessageLimits.images)",
                source: RuleSource.send
            ),
            ValidationRule(.attachmentsOnlyImages, "attachments holds images only.", source: RuleSource.send),
        ] + urlRules

    private static let urlRules: [ValidationRule] = [
        ValidationRule(
            .urlForm,
            "A URL is absolute and well-formed; other characters than those of RFC 3986 are percent-encoded.",
            source: RuleSource.webAddress
        ),
        ValidationRule(.urlScheme, "A URL begins with http:// or https://.", source: RuleSource.webAddress),
        ValidationRule(.urlUserInfo, "A URL holds no user name or password.", source: RuleSource.webAddress),
        ValidationRule(
            .urlPrivateHost,
            "The host of a URL is on the public internet: not loopback, link-local, private or reserved, in whatever"
                + " form the address is written, no name without a point and no name that only private networks know or that the"
                + " DNS never holds (.test, .invalid, .onion, .localhost).",
            source: RuleSource.contract
        ),
        ValidationRule(
            .urlExtension,
            "The file extension, where it is a well-known one, is one that the kind of attachment takes.",
            limit: MediaExtensions.summary,
            source: RuleSource.send
        ),
    ]
}

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

extension ValidationRule {
    /// The rules that only the worker checks, and only with `media.preflight`: the servers of the files have to be asked.
    package static let preflightRules: [ValidationRule] = [
        ValidationRule(
            .mediaPrivateAddress,
            "A file is on the public internet: no address that its host's name resolves to, and no host that it is"
                + " redirected to, is loopback, link-local, private or reserved. Asked for by the preflight.",
            limit: "every address, on every hop",
            source: RuleSource.preflight
        ),
        ValidationRule(
            .mediaRedirectScheme,
            "A file is redirected to http:// and https:// URLs only. Asked for by the preflight.",
            source: RuleSource.preflight
        ),
        ValidationRule(
            .mediaType,
            "A file is served as one of the types that its kind takes; a missing or general type passes. Asked for by the"
                + " preflight.",
            limit: MediaExtensions.summary,
            source: RuleSource.media
        ),
        ValidationRule(
            .mediaSize,
            "A file is not too large, as far as its server tells. Asked for by the preflight.",
            limit: MediaReference.Kind.allCases
                .map { "\($0.rawValue): \(MessageLimits.mediaBytes(of: $0)) bytes" }
                .joined(separator: "; "),
            source: RuleSource.media
        ),
    ]
}
