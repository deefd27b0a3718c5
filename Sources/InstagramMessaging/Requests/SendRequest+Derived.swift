extension SendRequest {
    /// The kind in one word, for metrics and reports.
    public var kind: MessageKind { content.kind }

    /// The one of the account's limits that the call counts against.
    ///
    /// A private reply counts against the hourly limit of replies to posts and reels unless its comment is said to be a
    /// live one.
    public var rateClass: RateClass {
        if case .comment(_, let isLive) = recipient { return isLive ? .liveReplies : .privateReplies }
        switch content {
        case .audio, .video: return .media
        default: return .messages
        }
    }

    /// True where a repeated call does no harm (sender actions).
    public var isIdempotent: Bool { kind.isSenderAction }

    /// True where Graph's success names a message (everything but sender actions).
    public var expectsMessageID: Bool { !kind.isSenderAction }

    /// Names the receiver within the account: requests with the same account and key keep their order.
    public var conversationKey: String {
        switch recipient {
        case .user(let id): "u:" + id
        case .comment(let id, _): "c:" + id
        }
    }

    /// The Instagram-scoped id of the receiver; nil for a private reply, where only Graph's answer tells it.
    public var recipientID: String? {
        if case .user(let id) = recipient { id } else { nil }
    }

    /// The moment from which the platform no longer takes this request, where `windowExpiresAt` or `lastInboundAt` is known.
    ///
    /// Without the former, 24 hours after the person last wrote; 7 days for a human agent and for a private reply, whose
    /// window opens with the comment. It holds for sender actions too.
    public var windowClosesAt: Timestamp? {
        windowExpiresAt
            ?? lastInboundAt?.adding(milliseconds: MessageLimits.window(for: recipient, messagingType))
    }

    /// The files that Graph will fetch and whose type and size are limited. Images of template cards are not among
    /// them: no limits are documented for those.
    public var mediaURLs: [MediaReference] {
        switch content {
        case .image(let source): reference(.image, source).map { [$0] } ?? []
        case .audio(let source): reference(.audio, source).map { [$0] } ?? []
        case .video(let source): reference(.video, source).map { [$0] } ?? []
        case .file(let source): reference(.file, source).map { [$0] } ?? []
        case .images(let sources):
            sources.enumerated().compactMap { index, source in
                reference(.image, source, at: "/message/attachments/\(index)")
            }
        default: []
        }
    }

    /// The file that Graph fetches; nil where it has it already.
    private func reference(
        _ kind: MediaReference.Kind,
        _ source: MediaSource,
        at attachment: String = "/message/attachment"
    ) -> MediaReference? {
        guard case .url(let url, _) = source else { return nil }
        return MediaReference(kind: kind, url: url, field: attachment + "/payload/url")
    }
}

/// The kind of a request in one word, for metrics and reports.
public enum MessageKind: String, Sendable, Hashable, CaseIterable {
    case text
    case quickReplies = "quick_replies"
    case image
    case audio
    case video
    case file
    case images
    case sticker
    case share
    case genericTemplate = "generic_template"
    case buttonTemplate = "button_template"
    case productTemplate = "product_template"
    case reaction
    case unreact
    case typing
    case seen

    /// True for the sender actions, which carry no message: Graph gives no message id for them, and repeating one does
    /// no harm.
    public var isSenderAction: Bool {
        switch self {
        case .reaction, .unreact, .typing, .seen: true
        default: false
        }
    }
}

extension Content {
    /// The kind in one word.
    public var kind: MessageKind {
        switch self {
        case .text: .text
        case .quickReplies: .quickReplies
        case .image: .image
        case .audio: .audio
        case .video: .video
        case .file: .file
        case .images: .images
        case .sticker: .sticker
        case .share: .share
        case .genericTemplate: .genericTemplate
        case .buttonTemplate: .buttonTemplate
        case .productTemplate: .productTemplate
        case .reaction: .reaction
        case .unreact: .unreact
        case .typing: .typing
        case .seen: .seen
        }
    }
}

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
    /// The feature that the request needs leave for.
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

/// The one of an account's rate limits that a request counts against.
public enum RateClass: String, Sendable, Hashable, CaseIterable {
    /// Text, links, reactions, stickers, templates, images, files, shares, sender actions.
    case messages
    /// Audio and video.
    case media
    /// Private replies to comments on posts and reels.
    case privateReplies = "private_replies"
    /// Private replies to live comments.
    case liveReplies = "live_replies"
}

/// A file that Graph will fetch for a message, so that it can be checked before the call is spent.
public struct MediaReference: Sendable, Hashable {
    /// The kind that the file has to be of.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case image
        case audio
        case video
        case file
    }

    public var kind: Kind
    /// An absolute `http` or `https` URL.
    public var url: String
    /// The place of the URL in the request, as a JSON Pointer.
    public var field: String

    /// Creates a reference.
    public init(kind: Kind, url: String, field: String) {
        self.kind = kind
        self.url = url
        self.field = field
    }
}
