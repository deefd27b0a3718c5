/// One of the rules that requests are checked against, for people who want to know why it exists.
public struct ValidationRule: Sendable, Hashable, Identifiable {
    /// The stable identifier that a violation carries, such as `text.too_long`.
    public let id: String
    /// What has to be so, in one sentence.
    public let summary: String
    /// The limit with its unit; nil where the rule is not about an amount or a set of values.
    public let limit: String?
    /// Where the rule comes from.
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
