/// The end of one HTTP call, in the terms the engine decides by.
public struct CallOutcome: Sendable, Hashable {
    /// The meaning of the end.
    public var outcomeClass: OutcomeClass
    /// The circle that the end concerns, hence what else waits.
    public var scope: ErrorScope
    /// The feature that the end concerns, where the scope is one and it is not the message's own; nil for that one.
    public var feature: MessageFeature?
    /// The end alone says too little of its scope: only a row of such ends, to different people, does.
    public var needsRepetition: Bool
    /// The reason for which the message was not accepted; nil exactly for `delivered`.
    public var error: SendError?
    /// Graph's id of the message, where it gave one.
    public var messageID: String?
    /// The receiver's id as Graph gave it.
    public var recipientID: String?
    /// The least time to wait before the next call, in milliseconds, as asked for by `Retry-After`.
    public var retryAfterMilliseconds: Int64?
    /// The part of its allowance that the account has used, where Graph said so.
    public var usage: UsageReport?
    /// The same of the application.
    public var applicationUsage: UsageReport?
    /// False where the call was given up before it was started (no token, say): it is not counted as an attempt.
    public var wasStarted: Bool
    /// The HTTP status of the answer, also of a delivery; nil where there was none.
    public var httpStatus: Int?

    /// True for an unknown outcome that was answered: by Graph's own code (−1, 1, 2) or with a status of success that is
    /// not the documented one. Either often follows a delivery. False where nobody answered: a lost connection, a time-out,
    /// a proxy's 408, 499 or 5xx.
    public var isAnsweredUnknown: Bool {
        guard outcomeClass == .unknown else { return false }
        return error?.code != nil || httpStatus.map { 200..<300 ~= $0 } ?? false
    }

    /// Creates an outcome.
    ///
    /// - Parameter scope: Nil for the class's usual one.
    public init(
        outcomeClass: OutcomeClass,
        error: SendError?,
        messageID: String? = nil,
        recipientID: String? = nil,
        retryAfterMilliseconds: Int64? = nil,
        usage: UsageReport? = nil,
        wasStarted: Bool = true,
        httpStatus: Int? = nil,
        scope: ErrorScope? = nil,
        needsRepetition: Bool = false
    ) {
        self.outcomeClass = outcomeClass
        self.scope = scope ?? outcomeClass.usualScope
        self.needsRepetition = needsRepetition
        self.error = error
        self.messageID = messageID
        self.recipientID = recipientID
        self.retryAfterMilliseconds = retryAfterMilliseconds
        self.usage = usage
        self.wasStarted = wasStarted
        self.httpStatus = httpStatus
    }
}

extension CallOutcome {
    private static let longestMessage = 500

    /// No byte of the request reached the socket: the name did not resolve, the connection or TLS failed, or no
    /// connection was free in time.
    ///
    /// - Parameters:
    ///   - message: What happened, in one sentence; it is cleaned and what looks like a token is redacted.
    ///   - category: `.endpointUnavailable` or `.timeout`.
    public static func notSent(_ message: String, category: ErrorCategory) -> CallOutcome {
        withoutAnswer(.notSent, message, category)
    }

    /// Bytes were written and no usable answer came: a timeout, a reset, an answer that was cut off.
    ///
    /// - Parameters:
    ///   - message: What happened, in one sentence; it is cleaned and what looks like a token is redacted.
    ///   - category: `.endpointUnavailable` or `.timeout`.
    public static func unknown(_ message: String, category: ErrorCategory) -> CallOutcome {
        withoutAnswer(.unknown, message, category)
    }

    /// There is no token for the account, so no call was started and none is counted.
    public static func missingToken(accountID: String) -> CallOutcome {
        var outcome = withoutAnswer(.tokenDead, "no access token is known for account \(accountID)", .token)
        outcome.wasStarted = false
        return outcome
    }

    private static func withoutAnswer(
        _ outcomeClass: OutcomeClass,
        _ message: String,
        _ category: ErrorCategory
    ) -> CallOutcome {
        let cleaned = SafeText.cleaned(message, limit: longestMessage)
        return CallOutcome(outcomeClass: outcomeClass, error: SendError(category: category, message: cleaned))
    }
}

/// The meaning of a call's end for what may come next. The class, never the HTTP status alone, decides about a retry.
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
