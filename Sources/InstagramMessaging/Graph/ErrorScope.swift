/// Whom an answer concerns, hence what else waits because of it.
public enum ErrorScope: String, Sendable, Hashable, CaseIterable {
    /// This one message.
    case message
    /// Every message to this person: the conversation.
    case person
    /// Every private reply to this comment or post.
    case post
    /// The account's messages of one ``MessageFeature``.
    case feature
    /// Everything that the account sends.
    case account
    /// Every account of the application.
    case application
}

extension OutcomeClass {
    /// The scope of an end that no row of the table describes.
    public var usualScope: ErrorScope {
        switch self {
        case .delivered, .notSent, .unknown, .alreadyAnswered, .mediaFetch, .refused: .message
        case .throttled, .accountHeld, .tokenDead, .accountStopped: .account
        case .applicationThrottled: .application
        }
    }
}
