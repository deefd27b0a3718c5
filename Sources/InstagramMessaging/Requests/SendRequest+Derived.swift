extension SendRequest {
    /// The kind in one word, for metrics and reports.
    public var kind: MessageKind { content.kind }

    /// Which of the account's limits the call counts against.
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
