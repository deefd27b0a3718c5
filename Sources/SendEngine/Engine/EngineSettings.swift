/// How the engine behaves. The defaults are the documented defaults of the worker's configuration.
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
    /// How long a call may take from its start until Graph counts it. Slots of a window stay taken that much longer,
    /// unless the answer comes sooner.
    package var arrivalSlack: Duration
    /// Whether accounts of a partition that was just taken over wait one short window first, because nobody knows
    /// what the last owner sent.
    package var coldStart: Bool
    /// How long a durable commit shows that this worker is still a member of its group: no call starts later than that
    /// after the group was asked to take the last one's offsets, so that a worker that was stopped or cut off makes no call for
    /// what others own by now. Well below the group's session time-out. No call of a partition starts before a durable
    /// commit of its assignment either. Nil calls without such proof.
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
