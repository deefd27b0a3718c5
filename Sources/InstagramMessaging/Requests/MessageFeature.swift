/// The kinds of messages that Graph allows and blocks apart from each other for one account.
public enum MessageFeature: String, Sendable, Hashable, CaseIterable {
    /// Ordinary messages and sender actions.
    case direct
    /// Messages with the tag `HUMAN_AGENT`, which needs an approval of its own.
    case humanAgent = "human_agent"
    /// Private replies to comments.
    case privateReply = "private_reply"
    /// Texts with a link, and templates that open one.
    case link
}

extension SendRequest {
    /// What the request needs leave for.
    public var feature: MessageFeature {
        if case .comment = recipient { return .privateReply }
        if messagingType == .humanAgent { return .humanAgent }
        switch content {
        case .text(let text), .quickReplies(let text, _): return LinkScanner.containsLink(text) ? .link : .direct
        case .buttonTemplate(let text, let buttons):
            return LinkScanner.containsLink(text) || buttons.contains(where: \.opensLink) ? .link : .direct
        case .genericTemplate(let elements): return elements.contains(where: \.opensLink) ? .link : .direct
        default: return .direct
        }
    }
}

extension Button {
    fileprivate var opensLink: Bool {
        if case .webURL = self { true } else { false }
    }
}

extension GenericElement {
    fileprivate var opensLink: Bool { defaultActionURL != nil || buttons.contains(where: \.opensLink) }
}
