/// One of the rules that requests are checked against, for people who want to know why it exists.
public struct ValidationRule: Sendable, Hashable, Identifiable {
    /// The stable identifier that a violation carries, such as `text.too_long`.
    public let id: String
    /// The condition that has to hold, in one sentence.
    public let summary: String
    /// The limit with its unit; nil where the rule is not about an amount or a set of values.
    public let limit: String?
    /// The document that the rule comes from.
    public let source: String

    init(_ id: RuleID, _ summary: String, limit: String? = nil, source: String) {
        self.id = id.rawValue
        self.summary = summary
        self.limit = limit
        self.source = source
    }

    /// Every rule, in the order in which a request is read.
    public static let catalogue: [ValidationRule] =
        recordRules + memberRules + envelopeRules + senderActionRules + messageRules + attachmentRules + templateRules
        + preflightRules

    /// The rule with that identifier; nil where there is none.
    public static func named(_ id: String) -> ValidationRule? {
        catalogue.first { $0.id == id }
    }
}

/// The sources that rules name.
enum RuleSource {
    static let contract = "Contract of the send worker: a send request"
    static let json = "RFC 8259, and the contract of the send worker: a send request"
    static let send = "Instagram Platform, Messaging API: Send Messages"
    static let reactions = "Instagram Platform, Messaging API: Send Messages, reactions"
    static let quickReplies = "Instagram Platform, Messaging API: Quick Replies"
    static let generic = "Instagram Platform, Messaging API: Generic Template"
    static let buttons = "Instagram Platform, Messaging API: Button Template"
    static let privateReplies = "Instagram Platform, Messaging API: Private Replies"
    static let window = "Instagram Platform, Messaging API: messaging window and Human Agent"
    static let media = "Instagram Platform, Messaging API: Send Messages, media"
    static let preflight = "Contract of the send worker: media preflight"
    static let webAddress = "RFC 3986, and the contract of the send worker: a send request"
}

/// The stable identifiers of all rules. A rule is only ever reported by one of these, so every reported rule is known
/// to the catalogue.
package enum RuleID: String, Sendable, Hashable, CaseIterable {
    // The record as a whole
    case recordMissing = "record.missing"
    case recordTooLarge = "record.too_large"
    case recordNotJSON = "record.not_json"
    case recordDuplicateMember = "record.duplicate_member"
    case recordTooDeep = "record.too_deep"
    case recordNotObject = "record.not_object"

    // Members, wherever they stand
    case memberMissing = "member.missing"
    case memberType = "member.type"
    case memberUnknown = "member.unknown"
    case memberNotAllowed = "member.not_allowed"

    // The envelope
    case requestIDForm = "request_id.form"
    case accountIDForm = "account_id.form"
    case recipientOneOf = "recipient.one_of"
    case graphIDForm = "graph_id.form"
    case contentOneOf = "content.one_of"
    case timestampForm = "timestamp.form"
    case deliveryUnknown = "delivery.unknown"
    case contextTooLarge = "context.too_large"
    case expired = "expires_at.passed"
    case windowClosed = "window.closed"
    case messagingTypeUnknown = "messaging_type.unknown"
    case messageTagMissing = "messaging_type.tag_missing"
    case tagUnknown = "tag.unknown"
    case tagNotAllowed = "tag.not_allowed"
    case senderUnknown = "sender.unknown"
    case senderHumanAgent = "sender.human_agent"
    case commentUnknown = "comment.unknown"

    // Sender actions
    case senderActionUnknown = "sender_action.unknown"
    case senderActionPrivateReply = "sender_action.private_reply"
    case reactionForm = "reaction.form"

    // Messages
    case messageOneOf = "message.one_of"
    case textEmpty = "text.empty"
    case textTooLong = "text.too_long"
    case textLinkForm = "text.link_form"
    case quickRepliesCount = "quick_replies.count"
    case quickRepliesNeedText = "quick_replies.need_text"
    case quickReplyContentType = "quick_reply.content_type"
    case quickReplyTitleEmpty = "quick_reply.title_empty"
    case quickReplyTitleTooLong = "quick_reply.title_too_long"
    case quickReplyPayloadTooLong = "quick_reply.payload_too_long"

    // Attachments and URLs
    case attachmentTypeUnknown = "attachment.type_unknown"
    case attachmentOneOf = "attachment.one_of"
    case attachmentsCount = "attachments.count"
    case attachmentsOnlyImages = "attachments.only_images"
    case urlForm = "url.form"
    case urlScheme = "url.scheme"
    case urlUserInfo = "url.user_info"
    case urlPrivateHost = "url.private_host"
    case urlExtension = "url.extension"

    // Templates
    case templateTypeUnknown = "template.type_unknown"
    case elementsCount = "elements.count"
    case elementTitleEmpty = "element.title_empty"
    case elementTitleTooLong = "element.title_too_long"
    case elementSubtitleEmpty = "element.subtitle_empty"
    case elementSubtitleTooLong = "element.subtitle_too_long"
    case elementOnlyTitle = "element.only_title"
    case elementButtonsCount = "element.buttons_count"
    case defaultActionType = "default_action.type"
    case buttonTemplateTextEmpty = "button_template.text_empty"
    case buttonTemplateTextTooLong = "button_template.text_too_long"
    case buttonTemplateButtonsCount = "button_template.buttons_count"
    case buttonTypeUnknown = "button.type_unknown"
    case buttonTitleEmpty = "button.title_empty"
    case buttonTitleTooLong = "button.title_too_long"
    case buttonPayloadEmpty = "button.payload_empty"
    case buttonPayloadTooLong = "button.payload_too_long"

    // Files that Graph will fetch, as their servers answer the preflight
    case mediaPrivateAddress = "media.private_address"
    case mediaRedirectScheme = "media.redirect_scheme"
    case mediaType = "media.type"
    case mediaSize = "media.size"
}
