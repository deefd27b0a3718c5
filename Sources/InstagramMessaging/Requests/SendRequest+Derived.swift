extension SendRequest {
    /// The kind in one word, for metrics and reports.
    public var kind: MessageKind { content.kind }

    /// Which of the account's limits the call counts against.
    ///
    /// Every private reply counts against the hourly limit of replies to posts and reels: whether a comment was made on
    /// a live video cannot be seen from its id.
    public var rateClass: RateClass {
        if case .comment = recipient { return .privateReplies }
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
        case .comment(let id): "c:" + id
        }
    }

    /// The Instagram-scoped id of the receiver; nil for a private reply, where only Graph's answer tells it.
    public var recipientID: String? {
        if case .user(let id) = recipient { id } else { nil }
    }

    /// The moment from which the platform no longer takes this request, where `lastInboundAt` is known.
    ///
    /// 24 hours after the person last wrote; 7 days for a human agent and for a private reply, whose window opens with
    /// the comment. It holds for sender actions too.
    public var windowClosesAt: Timestamp? {
        lastInboundAt?.adding(milliseconds: MessageLimits.window(for: recipient, messagingType))
    }

    /// The files that Graph will fetch and whose type and size are limited. Images of template cards are not among
    /// them: no limits are documented for those.
    public var mediaURLs: [MediaReference] {
        switch content {
        case .image(let url): [attachment(.image, url)]
        case .audio(let url): [attachment(.audio, url)]
        case .video(let url): [attachment(.video, url)]
        case .file(let url): [attachment(.file, url)]
        case .images(let urls):
            urls.enumerated().map { index, url in
                MediaReference(kind: .image, url: url, field: "/message/attachments/\(index)/payload/url")
            }
        default: []
        }
    }

    private func attachment(_ kind: MediaReference.Kind, _ url: String) -> MediaReference {
        MediaReference(kind: kind, url: url, field: "/message/attachment/payload/url")
    }
}
