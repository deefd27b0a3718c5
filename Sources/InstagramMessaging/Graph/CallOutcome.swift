/// How one HTTP call ended, in the terms the engine decides by.
public struct CallOutcome: Sendable, Hashable {
    /// What the end means.
    public var outcomeClass: OutcomeClass
    /// Whom the end concerns, hence what else waits.
    public var scope: ErrorScope
    /// Which feature the end concerns, where the scope is one and it is not the message's own; nil for that one.
    public var feature: MessageFeature?
    /// The end alone says too little of its scope: only a row of such ends, to different people, does.
    public var needsRepetition: Bool
    /// Why the message was not accepted; nil exactly for `delivered`.
    public var error: SendError?
    /// Graph's id of the message, where it gave one.
    public var messageID: String?
    /// The receiver's id as Graph gave it.
    public var recipientID: String?
    /// The least time to wait before the next call, in milliseconds, as asked for by `Retry-After`.
    public var retryAfterMilliseconds: Int64?
    /// How much of its allowance the account has used, where Graph said so.
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
