extension ValidationRule {
    static let recordRules: [ValidationRule] = [
        ValidationRule(.recordMissing, "A record has a value; a tombstone is no request.", source: RuleSource.contract),
        ValidationRule(
            .recordTooLarge,
            "The record is not too large.",
            limit: "\(MessageLimits.recordBytes) bytes of JSON",
            source: RuleSource.contract
        ),
        ValidationRule(
            .recordNotJSON,
            "The record is one JSON value in UTF-8, without a byte order mark, lone surrogates or trailing data. The five"
                + " bytes of a schema registry's wire format (0 and the schema's id) may stand before it.",
            source: RuleSource.json
        ),
        ValidationRule(
            .recordDuplicateMember,
            "No object of the record has two members of one name: programs disagree on which counts.",
            source: RuleSource.json
        ),
        ValidationRule(
            .recordTooDeep,
            "Arrays and objects are not nested too deeply.",
            limit: "\(JSONReader.maximumDepth) levels",
            source: RuleSource.contract
        ),
        ValidationRule(.recordNotObject, "The record is a JSON object.", source: RuleSource.contract),
    ]

    static let memberRules: [ValidationRule] = [
        ValidationRule(.memberMissing, "Required members are there.", source: RuleSource.contract),
        ValidationRule(
            .memberType,
            "A member has the JSON type the contract gives it; an optional one may also be null, which counts as absent.",
            source: RuleSource.contract
        ),
        ValidationRule(
            .memberUnknown,
            "Only documented members occur: a typo is caught before it costs a call. The setting"
                + " validation.unknownFields: forward passes unknown members on to Graph.",
            source: RuleSource.contract
        ),
        ValidationRule(
            .memberNotAllowed,
            "A member does not stand where it belongs to another kind of message, action, button or attachment.",
            source: RuleSource.send
        ),
    ]
}

extension ValidationRule {
    static let envelopeRules: [ValidationRule] =
        [
            ValidationRule(
                .requestIDForm,
                "request_id is the caller's own id in a form that every log and header can carry.",
                limit: "1 to \(MessageLimits.requestIDCharacters) of A-Z a-z 0-9 . _ : -",
                source: RuleSource.contract
            ),
            ValidationRule(
                .accountIDForm,
                "account_id is the id of the sending Instagram professional account.",
                limit: "1 to \(MessageLimits.accountIDDigits) digits",
                source: RuleSource.contract
            ),
            ValidationRule(
                .recipientOneOf,
                "recipient has exactly one of id and comment_id.",
                source: RuleSource.send
            ),
            ValidationRule(
                .graphIDForm,
                "An id that Graph gave (of a person, a comment, a message, a post) has the form such ids have.",
                limit: "1 to \(MessageLimits.graphIDBytes) visible ASCII characters",
                source: RuleSource.contract
            ),
            ValidationRule(
                .contentOneOf,
                "A request has exactly one of message and sender_action.",
                source: RuleSource.send
            ),
            ValidationRule(
                .timestampForm,
                "A moment is an RFC 3339 date-time with seconds and an offset.",
                limit: "such as 2025-06-30T14:05:09Z or 2025-06-30T14:05:09.250+02:00",
                source: RuleSource.contract
            ),
            ValidationRule(
                .deliveryUnknown,
                "delivery is one of the known preferences.",
                limit: "at_least_once, at_most_once",
                source: RuleSource.contract
            ),
            ValidationRule(
                .contextTooLarge,
                "context is small, since every result repeats it.",
                limit: "\(MessageLimits.contextBytes) bytes as written",
                source: RuleSource.contract
            ),
        ] + deadlineRules + messagingTypeRules + speakerRules

    private static let deadlineRules: [ValidationRule] = [
        ValidationRule(
            .expired,
            "A request is not sent at or after its expires_at.",
            source: RuleSource.contract
        ),
        ValidationRule(
            .windowClosed,
            "The person wrote recently enough; checked where window_expires_at or last_inbound_at is given.",
            limit:
                "until window_expires_at; without it 24 hours after last_inbound_at, 7 days for a human agent and for a"
                + " private reply, counted from the comment",
            source: RuleSource.window
        ),
    ]

    private static let messagingTypeRules: [ValidationRule] = [
        ValidationRule(
            .messagingTypeUnknown,
            "messaging_type is one of the known purposes.",
            limit: "RESPONSE, UPDATE, MESSAGE_TAG",
            source: RuleSource.window
        ),
        ValidationRule(
            .messageTagMissing,
            "messaging_type MESSAGE_TAG comes with a tag.",
            limit: "HUMAN_AGENT",
            source: RuleSource.window
        ),
        ValidationRule(
            .tagUnknown,
            "tag is HUMAN_AGENT, the only one left.",
            limit: "HUMAN_AGENT",
            source: RuleSource.window
        ),
        ValidationRule(
            .tagNotAllowed,
            "A tag stands only beside messaging_type MESSAGE_TAG.",
            source: RuleSource.window
        ),
    ]

    private static let speakerRules: [ValidationRule] = [
        ValidationRule(
            .senderUnknown,
            "sender is one of the known speakers.",
            limit: Sender.allCases.map(\.rawValue).joined(separator: ", "),
            source: RuleSource.contract
        ),
        ValidationRule(
            .senderHumanAgent,
            "The tag HUMAN_AGENT is for messages that a person writes, not a bot.",
            source: RuleSource.window
        ),
        ValidationRule(
            .commentUnknown,
            "comment names a kind of comment that has a limit of its own.",
            limit: "live",
            source: RuleSource.contract
        ),
    ]

    static let senderActionRules: [ValidationRule] = [
        ValidationRule(
            .senderActionUnknown,
            "sender_action is one of the known actions.",
            limit: SenderActionName.all.joined(separator: ", "),
            source: RuleSource.send
        ),
        ValidationRule(
            .senderActionPrivateReply,
            "A sender action goes to a person (recipient.id), not to the author of a comment.",
            source: RuleSource.privateReplies
        ),
        ValidationRule(
            .reactionForm,
            "A reaction is love or a single emoji.",
            limit: "love, or one emoji",
            source: RuleSource.reactions
        ),
    ]
}

/// Graph's names of the sender actions.
enum SenderActionName {
    static let all = ["react", "unreact", "typing_on", "typing_off", "mark_seen"]
}
