/// The kinds of messages that Graph allows and blocks apart from each other for one account.
public enum MessageFeature: String, Sendable, Hashable, CaseIterable {
    /// Ordinary messages and sender actions.
    case direct
    /// Messages with the tag `HUMAN_AGENT`, which needs an approval of its own.
    case humanAgent = "human_agent"
    /// Private replies to comments.
    case privateReply = "private_reply"
    /// Texts with a link.
    case link
}

extension SendRequest {
    /// What the request needs leave for.
    public var feature: MessageFeature {
        if case .comment = recipient { return .privateReply }
        if messagingType == .humanAgent { return .humanAgent }
        switch content {
        case .text(let text), .quickReplies(let text, _): return LinkScanner.containsLink(text) ? .link : .direct
        default: return .direct
        }
    }
}
