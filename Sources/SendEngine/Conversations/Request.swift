package import InstagramMessaging

/// The engine's part of a valid request; its payload stays with the shell.
package struct QueuedRequest: Sendable, Hashable {
    package var id: RecordID
    package var accountID: String
    /// Names the receiver within the account: requests of one account and one receiver keep their order.
    package var conversation: String
    package var rateClass: RateClass
    /// The feature that the request needs leave for.
    package var feature: MessageFeature
    package var delivery: DeliveryPreference
    /// True for calls that may be repeated without harm (sender actions).
    package var isIdempotent: Bool
    /// True where the shell has something to check before a call is spent (media preflight).
    package var needsPreparation: Bool
    /// The caller's own deadline.
    package var expiresAt: Timestamp?
    /// The moment at which the messaging window closes, where it is known.
    package var windowClosesAt: Timestamp?

    package init(
        id: RecordID,
        accountID: String,
        conversation: String,
        rateClass: RateClass,
        feature: MessageFeature = .direct,
        delivery: DeliveryPreference,
        isIdempotent: Bool = false,
        needsPreparation: Bool = false,
        expiresAt: Timestamp? = nil,
        windowClosesAt: Timestamp? = nil
    ) {
        self.id = id
        self.accountID = accountID
        self.conversation = conversation
        self.rateClass = rateClass
        self.feature = feature
        self.delivery = delivery
        self.isIdempotent = isIdempotent
        self.needsPreparation = needsPreparation
        self.expiresAt = expiresAt
        self.windowClosesAt = windowClosesAt
    }
}

/// One unfinished request, as small as it can be: there may be tens of thousands.
struct Request: Sendable {
    struct Flags: OptionSet, Sendable {
        let rawValue: UInt16

        /// May be repeated without harm.
        static let idempotent = Flags(rawValue: 1)
        static let atMostOnce = Flags(rawValue: 2)
        /// The shell has something to check before the first call.
        static let needsPreparation = Flags(rawValue: 4)
        /// Called again after an attempt whose outcome is unknown.
        static let resentAfterUnknown = Flags(rawValue: 8)
        /// The deadline is the end of the messaging window, not the caller's own.
        static let windowCloses = Flags(rawValue: 16)
        /// The mark that it is started is part of the commit that runs.
        static let markIsInCommit = Flags(rawValue: 32)
        /// Nobody knows what the last call did.
        static let lastWasUnknown = Flags(rawValue: 64)
        /// Counts among the messages that a sudden death could double.
        static let inDoubt = Flags(rawValue: 128)
    }

    var offset: Int64
    /// On the wall clock, in milliseconds; `never` for none.
    var deadline = Int64.never
    /// On the monotonic clock; `never` before the first call.
    var firstCallAt = Int64.never
    var callStartedAt = Int64.never
    /// The time for which what stops the clock of `retry.maxElapsed` had done so before its first call.
    var stoppedBefore: Int64 = 0
    /// The time for which holds and dead tokens had lasted before it came.
    var heldBefore: Int64 = 0
    var partition: Int32
    var lane: Int32
    /// The neighbours in the lane; -1 at its ends.
    var next: Int32 = -1
    var previous: Int32 = -1
    /// HTTP calls made.
    var attempts: Int32 = 0
    /// Attempts that used up one of `retry.maxAttempts`.
    var spent: Int32 = 0
    /// Attempts whose outcome is unknown.
    var unknowns: Int32 = 0
    /// The unknown attempts that Graph answered, as far as this owner saw them.
    var answeredUnknowns: Int32 = 0
    /// The unknown attempts that the ledger durably tells of.
    var durableUnknowns: Int32 = 0
    var mediaFailures: Int32 = 0
    /// Which of its account's tokens the last call was made with.
    var tokenGeneration: UInt32 = 0
    var rateClass: RateClass
    var feature = MessageFeature.direct
    var flags: Flags = []

    static let blank = Request(offset: 0, partition: 0, lane: -1, rateClass: .messages)
}

extension Request {
    /// - Parameter admission: What an earlier owner left of it.
    init(_ queued: QueuedRequest, lane: Int32, _ admission: OffsetLedger.Admission, at now: Int64) {
        self.init(offset: queued.id.offset, partition: queued.id.partition, lane: lane, rateClass: queued.rateClass)
        let expiry = queued.expiresAt?.millisecondsSinceEpoch ?? .never
        let windowEnd = queued.windowClosesAt?.millisecondsSinceEpoch ?? .never
        feature = queued.feature
        deadline = min(expiry, windowEnd)
        if windowEnd < expiry { flags.insert(.windowCloses) }
        if queued.isIdempotent { flags.insert(.idempotent) }
        if queued.delivery == .atMostOnce { flags.insert(.atMostOnce) }
        if queued.needsPreparation { flags.insert(.needsPreparation) }
        guard case .startedBefore(let again) = admission else { return }
        if again { flags.insert(.resentAfterUnknown) }
        attempts = again ? 2 : 1
        spent = attempts
        unknowns = attempts
        durableUnknowns = attempts
        firstCallAt = now
    }

    /// A call of it starts.
    ///
    /// - Parameter stopped: The time for which its clock had been stopped before its first call.
    mutating func start(tokenGeneration: UInt32, stoppedBefore stopped: Int64, at now: Int64) {
        attempts += 1
        callStartedAt = now
        self.tokenGeneration = tokenGeneration
        if firstCallAt == .never {
            firstCallAt = now
            stoppedBefore = stopped
        }
        if mayBeDelivered { flags.insert(.resentAfterUnknown) }
    }

    /// A call of it has ended.
    mutating func answered(_ outcome: CallOutcome) {
        if outcome.outcomeClass == .unknown {
            unknowns += 1
            if outcome.isAnsweredUnknown { answeredUnknowns += 1 }
            flags.insert(.lastWasUnknown)
        } else {
            flags.remove(.lastWasUnknown)
        }
        // What never began is no attempt.
        guard !outcome.wasStarted else { return }
        attempts -= 1
        if attempts == 0 { firstCallAt = .never }
    }

    /// Somebody may have received it already.
    var mayBeDelivered: Bool { unknowns > 0 && !flags.contains(.idempotent) }

    /// A snapshot has to say that it is started before it is called.
    var needsMark: Bool { flags.contains(.atMostOnce) && !flags.contains(.idempotent) }

    /// Something has to be durable before it is called: its mark, or that it uses an hourly limit, which a new owner
    /// could not know of otherwise.
    var waitsForCommit: Bool { needsMark || rateClass == .privateReplies }
}

/// The end of a request, as far as the engine knows; the shell adds what the record held to make the result.
package struct RequestEnd: Sendable, Hashable {
    package var id: RecordID
    package var status: SendResult.Status
    /// HTTP calls made.
    package var attempts: Int
    package var possibleDuplicate: Bool
    package var messageID: String?
    package var recipientID: String?
    /// Nil exactly when the status is `sent`.
    package var error: SendError?
    package var completedAt: Timestamp
    /// It was called, so that this worker's death could double it until the end is durable.
    package var isInDoubt = false

    package init(
        id: RecordID,
        status: SendResult.Status,
        attempts: Int,
        possibleDuplicate: Bool,
        messageID: String? = nil,
        recipientID: String? = nil,
        error: SendError? = nil,
        completedAt: Timestamp
    ) {
        self.id = id
        self.status = status
        self.attempts = attempts
        self.possibleDuplicate = possibleDuplicate
        self.messageID = messageID
        self.recipientID = recipientID
        self.error = error
        self.completedAt = completedAt
    }
}
