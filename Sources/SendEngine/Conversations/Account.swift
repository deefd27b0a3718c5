import Containers
internal import InstagramMessaging

/// The engine's record of one account, kept while there is anything to keep.
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

/// Which accounts can go on now, which later, and which can be forgotten.
extension SendEngine {
    /// Returns when an account can do something next, by itself, and what stands in its way.
    func wait(of slot: Int32) -> (room: SlidingWindow.Room, reason: WaitingReason) {
        let now = clock.monotonic
        switch accounts[slot].health.gate(at: now) {
        case .parked: return (.later, .tokenDead)
        case .until(let end, let reason): return (.at(end), reason)
        case .open: break
        }
        if accounts[slot].coldUntil > now { return (.at(accounts[slot].coldUntil), .coldStart) }
        let running = accounts[slot].inFlight + accounts[slot].reserved
        if accounts[slot].health.callsOneByOne, running > 0 { return (.later, .probing) }
        if let allowance = accounts[slot].allowance, running >= allowance { return (.later, .probing) }
        if let next = accounts[slot].health.pace.nextStart(at: now) { return (.at(next), .cooling) }
        var best: (room: SlidingWindow.Room, reason: WaitingReason)?
        for kind in AccountQueues.Kind.allCases where accounts[slot].queues.first(kind) != nil {
            let next = room(for: kind, of: slot)
            if best?.room.isLater(than: next.room) ?? true { best = next }
        }
        return best ?? (.later, accounts[slot].awaitingFirstCommit > 0 ? .unproven : .ready)
    }

    /// Returns when a head in one of an account's queues can go, as far as the account's limits say.
    func room(for kind: AccountQueues.Kind, of slot: Int32) -> (room: SlidingWindow.Room, reason: WaitingReason) {
        guard let rateClass = kind.rateClass else {
            // As many checks at once as there can be calls in a second, so that one account does not take them all.
            let isFull = accounts[slot].preparing >= accounts[slot].limits.media.limit
            return (isFull ? .later : .now, .ready)
        }
        let now = clock.monotonic
        if case .until(let end, let reason) = accounts[slot].health.gate(of: kind.feature, at: now) {
            return (.at(end), reason)
        }
        if accounts[slot].health.isProbing(kind.feature), accounts[slot].features[kind.feature] > 0 {
            return (.later, .probing)
        }
        let steps = accounts[slot].health.paceSteps(at: now, settings.health)
        let (room, name) = accounts[slot].limits.room(for: rateClass, at: now, paceSteps: steps)
        return (room, room == .now ? .ready : .limit(name))
    }

    /// Puts an account where it belongs after something about it has changed.
    mutating func reconsider(_ slot: Int32) {
        guard accounts[slot].isLive, !accounts[slot].isInRing else { return }
        guard accounts[slot].requests > 0 else {
            retire(slot)
            return
        }
        let (room, reason) = wait(of: slot)
        setCondition(of: slot, to: Account.Condition(reason))
        noteLimit(of: slot, reason)
        switch room {
        case .now:
            dueAccounts.remove(slot)
            accounts[slot].isInRing = true
            ring.append(slot)
        case .at(let due): dueAccounts.set(slot, to: due)
        case .later: dueAccounts.remove(slot)
        }
    }

    /// Forgets an account without requests as soon as nothing about it has to be remembered.
    private mutating func retire(_ slot: Int32) {
        setCondition(of: slot, to: nil)
        guard accounts[slot].lanes == 0 else {
            dueAccounts.remove(slot)
            return
        }
        let end = max(
            accounts[slot].limits.emptyAt ?? .min,
            accounts[slot].health.forgettable(settings.health),
            accounts[slot].namedApplicationWait,
            accounts[slot].coldUntil
        )
        if end > clock.monotonic {
            dueAccounts.set(slot, to: end)
        } else {
            dueAccounts.remove(slot)
            if accounts[slot].hasMemory { noteMemory(of: slot) }
            accountSlots[accounts[slot].id] = nil
            accounts.remove(slot)
        }
    }

    private mutating func setCondition(of slot: Int32, to condition: Account.Condition?) {
        let old = accounts[slot].condition
        guard old != condition else { return }
        accounts[slot].condition = condition
        if let old { gauges.accounts[keyPath: old.gauge] -= 1 }
        if let condition { gauges.accounts[keyPath: condition.gauge] += 1 }
    }

    /// Counts each time that an account begins to wait for a limit.
    private mutating func noteLimit(of slot: Int32, _ reason: WaitingReason) {
        let limit: LimitName? = if case .limit(let name) = reason { name } else { nil }
        guard accounts[slot].waitsFor != limit else { return }
        accounts[slot].waitsFor = limit
        if let limit { gauges.limitWaits[limit] += 1 }
    }

    /// Accounts that have requests.
    var activeAccounts: Int {
        let counts = gauges.accounts
        return counts.ready + counts.limited + counts.cooling + counts.held + counts.stopped + counts.parked
    }
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
