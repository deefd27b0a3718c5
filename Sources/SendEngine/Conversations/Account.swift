internal import InstagramMessaging

/// The record of one account, kept while there is anything to keep.
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
    var queues = AccountQueues()
    /// The first of all its lanes.
    var firstLane: Int32 = -1
    var lanes = 0
    /// Requests that have not ended.
    var requests = 0
    /// Lanes whose heads wait for the first commit of their partition.
    var awaitingFirstCommit = 0
    /// No deadline of its requests is sooner, on the wall clock.
    var soonestDeadline = Int64.never
    /// The openings for which requests that come too late were looked for last.
    var searchedOpenings: UInt64 = 0
    /// The ends of long waits that were reported.
    var reportedUntil = Int64.min
    var reportedFeatures: [MessageFeature: Int64] = [:]
    /// Waits in the ring of accounts that can go on now.
    var isInRing = false
    var condition: Condition?
    /// The limit that it waits for.
    var waitsFor: LimitName?
    /// The partition that its last request came from, whose state it is a part of.
    var partition: Int32 = -1
    /// Whether the state topic has, or will have, something to say of it.
    var hasMemory = false

    static let blank = Account(id: "", isLive: false)
}

extension Account.Condition {
    init(_ reason: WaitingReason) {
        self =
            switch reason {
            case .ready, .probing, .answersUnknown, .conversationCooling, .applicationCooling, .endpointDown,
                .safetyValve,
                .startingSlowly, .maxInFlight, .maxInDoubt, .suspended, .unproven:
                .ready
            case .limit, .coldStart: .limited
            case .cooling: .cooling
            case .held, .featureHeld: .held
            case .stopped: .stopped
            case .tokenDead: .parked
            }
    }

    var gauge: WritableKeyPath<EngineCensus.Accounts, Int> {
        switch self {
        case .ready: \.ready
        case .limited: \.limited
        case .cooling: \.cooling
        case .held: \.held
        case .stopped: \.stopped
        case .parked: \.parked
        }
    }
}

/// The requests of one conversation, in order. Only the head is ever worked on.
struct Lane: Sendable {
    /// The activity of the lane's head.
    enum Stage: Sendable, Hashable {
        /// There is no head: the lane was just made, or only its limit is to be remembered.
        case empty
        /// In its account's queue.
        case queued(AccountQueues.Kind)
        /// Until the time that the heap of due lanes has for it.
        case delayed
        case preparing
        /// Waits for the commit that marks the head as started; holds its places in the limits.
        case marking
        case calling
        /// Waits for the first commit that names the head's partition in this assignment.
        case awaitingFirstCommit
        /// The head's partition is being given up.
        case frozen
    }

    var account: Int32
    var conversation: String
    var head: Int32 = -1
    var tail: Int32 = -1
    var stage = Stage.empty
    /// Its place in its account's queue, by when it came: lanes take turns in this order.
    var ticket: UInt64 = 0
    /// The neighbours in its account's queue.
    var nextQueued: Int32 = -1
    var previousQueued: Int32 = -1
    /// The neighbours among all lanes of its account.
    var nextSibling: Int32 = -1
    var previousSibling: Int32 = -1

    static let blank = Lane(account: -1, conversation: "")
}

/// Finds a lane.
struct LaneKey: Sendable, Hashable {
    var account: Int32
    var conversation: String
}
