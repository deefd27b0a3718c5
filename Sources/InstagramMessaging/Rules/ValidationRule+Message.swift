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
