/// The behaviour of the engine. The defaults are the documented defaults of the worker's configuration.
package struct EngineSettings: Sendable, Hashable {
    /// The rate limits of an account that has none of its own.
    package var limits: LimitSettings
    /// Rate limits of single accounts, by account id; each replaces the default as a whole.
    package var accountLimits: [String: LimitSettings]
    /// A limit on the calls of this worker over all accounts; nil for none.
    package var workerLimit: CallWindow?
    package var retry: RetrySettings
    package var health: HealthSettings
    package var safety: SafetySettings
    /// Calls that run at once, over all accounts after a start or a takeover, and of an account of which nothing is known,
    /// until one is delivered; nil for as many as may run anyway.
    package var firstCalls: Int?
    /// Calls running at once, over all accounts; at least 1.
    package var maxInFlight: Int
    /// Messages that are called, or ended and not yet durable, at most: what a sudden death can double; at least 1. A
    /// commit is urgent when what has ended reaches half of it.
    package var maxInDoubt: Int
    /// Records of one partition that were read and are not durably finished before its fetching pauses; at least 1.
    package var maxOutstandingPerPartition: Int
    /// The longest time that a call may take from its start until Graph counts it. Slots of a window stay taken that
    /// much longer, unless the answer comes sooner.
    package var arrivalSlack: Duration
    /// Whether accounts of a partition that was just taken over wait one short window first, because nobody knows
    /// what the last owner sent.
    package var coldStart: Bool
    /// The time for which a durable commit shows that this worker is still a member of its group: no call starts later
    /// than that after the group was asked to take the last one's offsets, so that a worker that was stopped or cut off
    /// makes no call for what others own by now. Well below the group's session time-out. No call of a partition starts
    /// before a durable commit of its assignment either. Nil calls without such proof.
    package var ownershipLease: Duration?
    /// Whether an `at_most_once` request is called only after a commit that marks it as started. False where snapshots
    /// are not kept anywhere: such a request is then called at once, and a crash may repeat it.
    package var startedMarksAreDurable: Bool

    package init(
        limits: LimitSettings = LimitSettings(),
        accountLimits: [String: LimitSettings] = [:],
        workerLimit: CallWindow? = nil,
        retry: RetrySettings = RetrySettings(),
        health: HealthSettings = HealthSettings(),
        safety: SafetySettings = SafetySettings(),
        firstCalls: Int? = 4,
        maxInFlight: Int = 512,
        maxInDoubt: Int = 1_000,
        maxOutstandingPerPartition: Int = 10_000,
        arrivalSlack: Duration = .milliseconds(250),
        coldStart: Bool = true,
        ownershipLease: Duration? = nil,
        startedMarksAreDurable: Bool = true
    ) {
        self.limits = limits
        self.accountLimits = accountLimits
        self.workerLimit = workerLimit
        self.retry = retry
        self.health = health
        self.safety = safety
        self.firstCalls = firstCalls
        self.maxInFlight = maxInFlight
        self.maxInDoubt = maxInDoubt
        self.maxOutstandingPerPartition = maxOutstandingPerPartition
        self.arrivalSlack = arrivalSlack
        self.coldStart = coldStart
        self.ownershipLease = ownershipLease
        self.startedMarksAreDurable = startedMarksAreDurable
    }
}

/// At most so many calls in any stretch of time of that length.
package struct CallWindow: Sendable, Hashable {
    /// At least 1.
    package var calls: Int
    /// Longer than nothing.
    package var length: Duration

    package init(calls: Int, length: Duration) {
        self.calls = calls
        self.length = length
    }
}

extension EngineSettings {
    /// The rate limits of one account. A call that fails counts like one that succeeds.
    package struct LimitSettings: Sendable, Hashable {
        /// Text, links, reactions, stickers, templates, images, files, shares, sender actions and private replies. As many
        /// private replies to live comments may go besides.
        package var messagesPerSecond: Int
        /// Audio and video. Such calls count against this limit only: the platform documents the two side by side.
        package var mediaPerSecond: Int
        /// Private replies to comments on posts and reels; they count as messages per second too.
        package var privateRepliesPerHour: Int
        /// A limit on the calls of one conversation; nil for none (the platform has one but does not publish it).
        package var perConversation: CallWindow?

        package init(
            messagesPerSecond: Int = 100,
            mediaPerSecond: Int = 10,
            privateRepliesPerHour: Int = 750,
            perConversation: CallWindow? = nil
        ) {
            self.messagesPerSecond = messagesPerSecond
            self.mediaPerSecond = mediaPerSecond
            self.privateRepliesPerHour = privateRepliesPerHour
            self.perConversation = perConversation
        }
    }
}

extension EngineSettings {
    /// The rules by which a call is repeated.
    package struct RetrySettings: Sendable, Hashable {
        /// The longest delay before the first retry; the delay itself is random between nothing and this.
        package var initialDelay: Duration
        /// No delay is drawn from more than this.
        package var maxDelay: Duration
        /// The factor by which the longest delay grows from one retry to the next; at least 1.
        package var multiplier: Double
        /// Calls for one request, at least 1. Throttles, holds, dead tokens and calls that did not get out during an
        /// outage do not use them up; those are bounded by `maxElapsed` alone.
        package var maxAttempts: Int
        /// From the first call to the end of trying, without the time of holds, dead tokens, pauses and waits that Graph
        /// named.
        package var maxElapsed: Duration
        /// The time that a request without a deadline waits for holds and dead tokens.
        package var maxHold: Duration
        /// Resends of one `at_least_once` request after unknown outcomes that nobody answered, 0 and up.
        package var unknownResends: Int
        /// Resends of one `at_least_once` request after answers that say nothing, 0 and up: they often follow a delivery.
        package var answeredUnknownResends: Int
        /// Retries of one request whose media Graph could not fetch, 0 and up.
        package var mediaFetchRetries: Int
        /// Retries that each first call pays for: the share of retries in the traffic, beyond `budgetPerSecond`.
        package var budgetShare: Double
        /// Retries per second that are allowed whatever the traffic; more than 0.
        package var budgetPerSecond: Double
        /// Retries that may be started in one go after a quiet time; at least 1.
        package var budgetBurst: Double

        package init(
            initialDelay: Duration = .milliseconds(500),
            maxDelay: Duration = .seconds(60),
            multiplier: Double = 2,
            maxAttempts: Int = 8,
            maxElapsed: Duration = .seconds(15 * 60),
            maxHold: Duration = .seconds(24 * 60 * 60),
            unknownResends: Int = 2,
            answeredUnknownResends: Int = 0,
            mediaFetchRetries: Int = 2,
            budgetShare: Double = 0.2,
            budgetPerSecond: Double = 10,
            budgetBurst: Double = 100
        ) {
            self.initialDelay = initialDelay
            self.maxDelay = maxDelay
            self.multiplier = multiplier
            self.maxAttempts = maxAttempts
            self.maxElapsed = maxElapsed
            self.maxHold = maxHold
            self.unknownResends = unknownResends
            self.answeredUnknownResends = answeredUnknownResends
            self.mediaFetchRetries = mediaFetchRetries
            self.budgetShare = budgetShare
            self.budgetPerSecond = budgetPerSecond
            self.budgetBurst = budgetBurst
        }
    }
}

extension EngineSettings {
    /// The reactions of the engine to an account, or Graph as a whole, that does not take calls.
    package struct HealthSettings: Sendable, Hashable {
        /// An account's pace is halved at most this often in a row because of high usage.
        package var maxPaceSteps: Int
        /// The time after the last report of high usage at which the pace doubles again, step by step.
        package var paceRecovery: Duration
        /// The time that an account, or the application, stops at more than 95 % usage where Graph names no time.
        package var usageCooldown: Duration
        /// Waits that Graph names are believed up to this.
        package var longestNamedWait: Duration
        /// The time that a first policy block or missing permission stops an account; doubles up to the maximum.
        package var hold: Duration
        /// The time that a feature, or an account, is held first because of answers that say so only by repeating
        /// themselves.
        package var suspicionHold: Duration
        package var maxHold: Duration
        /// So many of the last calls show whether the endpoint is down; at least 1.
        package var endpointCalls: Int
        /// The pause before the first probe of an endpoint that is down; doubles up to the maximum.
        package var probeDelay: Duration
        package var maxProbeDelay: Duration

        package init(
            maxPaceSteps: Int = 5,
            paceRecovery: Duration = .seconds(30),
            usageCooldown: Duration = .seconds(60),
            longestNamedWait: Duration = .seconds(24 * 60 * 60),
            hold: Duration = .seconds(30 * 60),
            suspicionHold: Duration = .seconds(10 * 60),
            maxHold: Duration = .seconds(24 * 60 * 60),
            endpointCalls: Int = 20,
            probeDelay: Duration = .seconds(1),
            maxProbeDelay: Duration = .seconds(30)
        ) {
            self.maxPaceSteps = maxPaceSteps
            self.paceRecovery = paceRecovery
            self.usageCooldown = usageCooldown
            self.longestNamedWait = longestNamedWait
            self.hold = hold
            self.suspicionHold = suspicionHold
            self.maxHold = maxHold
            self.endpointCalls = endpointCalls
            self.probeDelay = probeDelay
            self.maxProbeDelay = maxProbeDelay
        }
    }
}

extension EngineSettings {
    /// The rules for telling that so many accounts cannot send that something they share must be the cause, and for
    /// finding out that it is over.
    package struct SafetySettings: Sendable, Hashable {
        package var isEnabled: Bool
        /// The share of active accounts that have to fail before calls stop; above 0, at most 1.
        package var threshold: Double
        /// For how long a call's end counts.
        package var window: Duration
        /// Calls stop once so many have ended within the window, or half as many accounts have failed and no other was called;
        /// at least 1.
        package var minimumCalls: Int
        /// So many refusals in a row make an account fail that was sent for before, within the window; at least 1.
        package var refusalsInARow: Int
        /// The pause before the first probe and after a good one; doubles with each bad one up to the maximum.
        package var probeDelay: Duration
        package var maxProbeDelay: Duration
        /// Probes in a row that have to be delivered before calls go on; at least 1.
        package var confirmations: Int

        package init(
            isEnabled: Bool = true,
            threshold: Double = 0.5,
            window: Duration = .seconds(60),
            minimumCalls: Int = 20,
            refusalsInARow: Int = 5,
            probeDelay: Duration = .seconds(5),
            maxProbeDelay: Duration = .seconds(60),
            confirmations: Int = 3
        ) {
            self.isEnabled = isEnabled
            self.threshold = threshold
            self.window = window
            self.minimumCalls = minimumCalls
            self.refusalsInARow = refusalsInARow
            self.probeDelay = probeDelay
            self.maxProbeDelay = maxProbeDelay
            self.confirmations = confirmations
        }
    }
}
