internal import InstagramMessaging

/// What the engine keeps of one account while there is anything to keep.
struct Account: Sendable {
    /// Why it waits, for the census; nil where it has no requests.
    enum Condition: Sendable, Hashable {
        case ready
        case limited
        case cooling
        case held
        case stopped
        case parked
    }

    let id: String
    /// False for the value that stands in free places.
    var isLive = true
    var limits: AccountLimits
    /// The limit of each of its conversations.
    var conversationLimit: CallWindow?
    var health = AccountHealth()
    var queues = AccountQueues()
    /// The first of all its lanes.
    var firstLane: Int32 = -1
    var lanes = 0
    /// Requests that have not ended.
    var requests = 0
    var inFlight = 0
    /// Places reserved for calls that wait for their mark.
    var reserved = 0
    /// Calls that run and reserved places, by feature.
    var features = FeatureCalls()
    var preparing = 0
    /// Lanes whose heads wait for the first commit of their partition.
    var awaitingFirstCommit = 0
    /// No call before this moment: a partition of it was just taken over.
    var coldUntil = Int64.min
    /// No deadline of its requests is sooner, on the wall clock.
    var soonestDeadline = Int64.never
    /// The openings for which requests that come too late were looked for last.
    var searchedOpenings: UInt64 = 0
    /// Calls that may run at once until one is delivered; nil where only the limits count.
    var allowance: Int?
    /// Until when Graph said, in an answer to the account, that the application has to wait.
    var namedApplicationWait = Int64.min
    /// The ends of long waits that were told of.
    var toldUntil = Int64.min
    var toldFeatures: [MessageFeature: Int64] = [:]
    /// Rises with each change of its token.
    var tokenGeneration: UInt32 = 0
    /// Waits in the ring of accounts that can go on now.
    var isInRing = false
    var condition: Condition?
    /// The limit that it waits for.
    var waitsFor: LimitName?
    /// The partition that its last request came from, whose state it is a part of.
    var partition: Int32 = -1
    /// Whether the state topic has, or will have, something to say of it.
    var hasMemory = false

    static let blank: Account = {
        var account = Account(id: "", limits: EngineSettings.LimitSettings(), slack: 0)
        account.isLive = false
        return account
    }()

    init(id: String, limits: EngineSettings.LimitSettings, slack: Int64) {
        self.id = id
        self.limits = AccountLimits(limits, slack: slack)
        conversationLimit = limits.perConversation
    }
}
