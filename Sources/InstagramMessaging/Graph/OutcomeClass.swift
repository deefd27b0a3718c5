/// What a call's end means for what may be done next. The class, never the HTTP status alone, decides about a retry.
public enum OutcomeClass: String, Sendable, Hashable, CaseIterable {
    /// Graph accepted the message, or says so after the fact.
    case delivered
    /// No byte of the request reached the socket, or it was answered that it was not processed (421, 425): a retry cannot
    /// double anything.
    case notSent = "not_sent"
    /// Graph declined to take it for now because the account, or one person, was called too often.
    case throttled
    /// Graph declined because the whole application called too often: every account is concerned.
    case applicationThrottled = "application_throttled"
    /// Bytes were written and no usable answer came: it may or may not have been delivered.
    case unknown
    /// A private reply to the comment exists: this request's own, if an attempt of it is unknown, or else another's.
    case alreadyAnswered = "already_answered"
    /// Graph could not fetch the media it was pointed to; not delivered, worth at most two more tries.
    case mediaFetch = "media_fetch"
    /// Graph refused this request for good.
    case refused
    /// Graph blocks the account for policy reasons for a while.
    case accountHeld = "account_held"
    /// The account's token is no longer valid, or there is none.
    case tokenDead = "token_dead"
    /// The account lacks a permission or is restricted.
    case accountStopped = "account_stopped"
}
