/// Which of an account's rate limits a request counts against.
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
