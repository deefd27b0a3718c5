/// The requests of one conversation, in order. Only the head is ever worked on.
struct Lane: Sendable {
    /// What the lane's head is doing.
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
    /// When it came into its account's queue: lanes take turns in this order.
    var ticket: UInt64 = 0
    /// The neighbours in its account's queue.
    var nextQueued: Int32 = -1
    var previousQueued: Int32 = -1
    /// The neighbours among all lanes of its account.
    var nextSibling: Int32 = -1
    var previousSibling: Int32 = -1
    /// No call before this moment: Graph asked for it.
    var closedUntil = Int64.min
    /// The conversation's own limit, where there is one.
    var window: SlidingWindow?

    static let blank = Lane(account: -1, conversation: "")
}

/// Finds a lane.
struct LaneKey: Sendable, Hashable {
    var account: Int32
    var conversation: String
}
