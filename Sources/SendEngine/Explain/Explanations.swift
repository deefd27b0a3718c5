package import InstagramMessaging

/// The reason why an account waits, or that it does not.
package enum WaitingReason: Sendable, Hashable {
    /// Nothing stands in its way, or it has nothing to send.
    case ready
    /// A rate limit has no room.
    case limit(LimitName)
    /// Its partition was just taken over: nobody knows what the last owner sent.
    case coldStart
    /// Cooled after a throttle or because of high usage.
    case cooling
    /// Blocked by the platform for policy reasons.
    case held
    /// Without permission.
    case stopped
    /// A message, and its conversation behind it, waits as long as Graph asked for; others may go.
    case conversationCooling
    /// Held for messages of one feature; others may go.
    case featureHeld(MessageFeature)
    /// Without a usable token; only a changed token ends this.
    case tokenDead
    /// One call decides whether the account works again; the others wait for its outcome.
    case probing
    /// The whole application was throttled.
    case applicationCooling
    /// Graph answers the account's calls without saying what became of them: one at a time goes out.
    case answersUnknown
    /// Graph as a whole does not answer.
    case endpointDown
    /// So many accounts fail that calls are stopped, but for one at a time.
    case safetyValve
    /// A start, a takeover or a pause was a moment ago: few calls run at once until some are delivered.
    case startingSlowly
    /// As many calls as are allowed run already.
    case maxInFlight
    /// As many messages as are allowed are called, or ended and not durable: a commit has to come first.
    case maxInDoubt
    /// The shell cannot make results durable at the moment, so nothing more is sent.
    case suspended
    /// Its partition was just taken over, or the worker was quiet, stopped or cut off for so long, that a commit has to
    /// show first that the partition is ours.
    case unproven
}

extension WaitingReason {
    /// The scope that what is waited for concerns; nil where it is the worker's own.
    package var scope: ErrorScope? {
        switch self {
        case .cooling, .held, .stopped, .tokenDead, .probing, .answersUnknown: .account
        case .featureHeld: .feature
        case .conversationCooling: .person
        case .applicationCooling, .endpointDown, .safetyValve, .startingSlowly: .application
        case .ready, .limit, .coldStart, .maxInFlight, .maxInDoubt, .suspended, .unproven: nil
        }
    }
}

/// A feature of an account that is held, or was until one call shows that it is over.
package struct FeatureHoldExplanation: Sendable, Hashable {
    package var feature: MessageFeature
    /// In monotonic nanoseconds.
    package var until: Int64
    /// The number of times in a row that it was held.
    package var count: Int
    /// The error that Graph answered with.
    package var cause: SendError?
}

/// The facts that the engine knows of one account at one moment.
package struct AccountExplanation: Sendable, Hashable {
    package var accountID: String
    package var reason: WaitingReason
    /// The moment at which the account can go on by itself, in monotonic nanoseconds; nil where an event decides or
    /// nothing waits.
    package var nextDue: Int64?
    /// The error that Graph answered with when it stopped, held or cooled the account.
    package var cause: SendError?
    /// The features that are held, though others may go.
    package var heldFeatures: [FeatureHoldExplanation]
    /// The number of times that the account's pace is halved at the moment because of high usage; 0 is full pace.
    package var paceSteps: Int
    /// Calls a second that may start after throttles; nil for full pace.
    package var callsPerSecond: Double?
    /// Requests that have not ended.
    package var waiting: Int
    package var conversations: Int
    package var inFlight: Int
    /// The request that is next in turn, where one is ready.
    package var head: RecordID?

    package init(
        accountID: String,
        reason: WaitingReason,
        nextDue: Int64?,
        cause: SendError?,
        heldFeatures: [FeatureHoldExplanation] = [],
        paceSteps: Int,
        callsPerSecond: Double? = nil,
        waiting: Int,
        conversations: Int,
        inFlight: Int,
        head: RecordID?
    ) {
        self.accountID = accountID
        self.reason = reason
        self.nextDue = nextDue
        self.cause = cause
        self.heldFeatures = heldFeatures
        self.paceSteps = paceSteps
        self.callsPerSecond = callsPerSecond
        self.waiting = waiting
        self.conversations = conversations
        self.inFlight = inFlight
        self.head = head
    }
}

/// The facts that the engine knows of one request that has not ended.
package struct RequestExplanation: Sendable, Hashable {
    /// The stage that the request is in.
    package enum Stage: Sendable, Hashable {
        /// Another request of its conversation comes first.
        case behind(RecordID)
        /// Waits for its account's turn.
        case ready
        /// Waits for its time, in monotonic nanoseconds: a retry's delay or its conversation's limit.
        case delayed(until: Int64)
        case preparing
        /// Waits for the first commit of its partition in this assignment.
        case awaitingFirstCommit
        /// Waits for the commit that marks it as started.
        case awaitingMark
        case inFlight
        /// Its partition is being given up.
        case draining
    }

    package var id: RecordID
    package var stage: Stage
    /// Requests of its conversation that come first.
    package var ahead: Int
    package var attempts: Int
    /// An earlier call may have delivered it.
    package var mayBeDelivered: Bool
    /// The error that the last attempt ended with.
    package var lastError: SendError?
    /// The moment at which it expires or its messaging window closes, whichever is sooner.
    package var deadline: Timestamp?
    package var account: AccountExplanation

    package init(
        id: RecordID,
        stage: Stage,
        ahead: Int,
        attempts: Int,
        mayBeDelivered: Bool,
        lastError: SendError?,
        deadline: Timestamp?,
        account: AccountExplanation
    ) {
        self.id = id
        self.stage = stage
        self.ahead = ahead
        self.attempts = attempts
        self.mayBeDelivered = mayBeDelivered
        self.lastError = lastError
        self.deadline = deadline
        self.account = account
    }
}
