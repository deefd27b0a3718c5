import Containers
internal import InstagramMessaging

/// The requests of all conversations in their order, the accounts that they belong to, and what is due when.
///
/// Knows nothing of limits and of Kafka: who may call is asked of `Gates`, what has ended is kept by `Book`. Nothing but
/// these methods changes what is kept here.
struct Conversations: Sendable {
    private(set) var accounts = Slab(blank: Account.blank)
    private(set) var lanes = Slab(blank: Lane.blank)
    private(set) var requests = Slab(blank: Request.blank)
    /// The error that the last attempt of a request ended with; by slot, for the few that have had one.
    private(set) var lastErrors: [Int32: SendError] = [:]
    /// Accounts that can go on now, in the order of their turns.
    private(set) var ring = Deque<Int32>()
    /// Lanes in their account's queue whose head is in doubt: its resend needs no more room.
    private(set) var resends: Set<Int32> = []
    /// Accounts that have requests, by why they wait.
    private(set) var conditions = EngineCensus.Accounts()

    private var accountSlots: [String: Int32] = [:]
    private var laneSlots: [LaneKey: Int32] = [:]
    /// Accounts that can go on, or can be forgotten, at a later time.
    private var dueAccounts = TimeHeap()
    /// Lanes whose heads wait for their own time.
    private var dueLanes = TimeHeap()
    /// Requests by their deadline on the wall clock, in milliseconds.
    private var deadlines = TimeHeap()
    /// Requests by the end of their trying, on the monotonic clock.
    private var ends = TimeHeap()
    private var lastTicket: UInt64 = 0
}

/// Accounts, and whose turn it is.
extension Conversations {
    func account(named id: String) -> Int32? { accountSlots[id] }

    /// All accounts, in an order that does not depend on how a dictionary is laid out.
    var allAccounts: [Int32] { accountSlots.values.sorted() }

    mutating func addAccount(_ id: String) -> Int32 {
        let slot = accounts.insert(Account(id: id))
        accountSlots[id] = slot
        return slot
    }

    mutating func removeAccount(_ slot: Int32) {
        dueAccounts.remove(slot)
        accountSlots[accounts[slot].id] = nil
        accounts.remove(slot)
    }

    /// Lets an account go on when its turn comes.
    mutating func enqueue(account slot: Int32) {
        dueAccounts.remove(slot)
        accounts[slot].isInRing = true
        ring.append(slot)
    }

    /// Lets an account be looked at again at a moment.
    mutating func delay(account slot: Int32, until due: Int64) { dueAccounts.set(slot, to: due) }

    /// Lets an account wait for an event.
    mutating func clearDue(account slot: Int32) { dueAccounts.remove(slot) }

    /// Takes the account whose turn it is. It still counts as being in the ring until `endTurn`, so that it is neither
    /// queued twice nor forgotten.
    mutating func nextTurn() -> Int32? { ring.popFirst() }

    mutating func endTurn(of slot: Int32) { accounts[slot].isInRing = false }

    /// Puts the account whose turn it is behind all others.
    mutating func passTurn() { ring.append(ring.removeFirst()) }

    mutating func setCondition(of slot: Int32, to condition: Account.Condition?) {
        let old = accounts[slot].condition
        guard old != condition else { return }
        accounts[slot].condition = condition
        if let old { conditions[keyPath: old.gauge] -= 1 }
        if let condition { conditions[keyPath: condition.gauge] += 1 }
    }

    /// - Returns: Whether the account begins to wait for that limit.
    mutating func setLimit(of slot: Int32, to limit: LimitName?) -> Bool {
        guard accounts[slot].waitsFor != limit else { return false }
        accounts[slot].waitsFor = limit
        return limit != nil
    }

    /// - Parameter hasMemory: Whether the state topic has, or will have, something to say of the account.
    mutating func setMemory(of slot: Int32, to hasMemory: Bool) { accounts[slot].hasMemory = hasMemory }

    mutating func setPartition(of slot: Int32, to partition: Int32) { accounts[slot].partition = partition }

    /// Notes that requests which come too late were looked for, and the soonest deadline of those that are left.
    mutating func noteSearch(of slot: Int32, openings: UInt64, soonestDeadline: Int64) {
        accounts[slot].searchedOpenings = openings
        accounts[slot].soonestDeadline = soonestDeadline
    }

    mutating func noteReport(of slot: Int32, until end: Int64) { accounts[slot].reportedUntil = end }

    mutating func noteReport(of slot: Int32, _ feature: MessageFeature, until end: Int64) {
        accounts[slot].reportedFeatures[feature] = end
    }
}

/// Conversations and the places of requests in them.
extension Conversations {
    func lane(of conversation: String, account: Int32) -> Int32? {
        laneSlots[LaneKey(account: account, conversation: conversation)]
    }

    mutating func addLane(of conversation: String, account: Int32) -> Int32 {
        var lane = Lane(account: account, conversation: conversation)
        lane.nextSibling = accounts[account].firstLane
        let slot = lanes.insert(lane)
        if lane.nextSibling >= 0 { lanes[lane.nextSibling].previousSibling = slot }
        accounts[account].firstLane = slot
        accounts[account].lanes += 1
        laneSlots[LaneKey(account: account, conversation: conversation)] = slot
        return slot
    }

    mutating func removeLane(_ slot: Int32) {
        let lane = lanes[slot]
        if lane.previousSibling >= 0 {
            lanes[lane.previousSibling].nextSibling = lane.nextSibling
        } else {
            accounts[lane.account].firstLane = lane.nextSibling
        }
        if lane.nextSibling >= 0 { lanes[lane.nextSibling].previousSibling = lane.previousSibling }
        accounts[lane.account].lanes -= 1
        laneSlots[LaneKey(account: lane.account, conversation: lane.conversation)] = nil
        lanes.remove(slot)
    }

    /// Puts a request at the end of its lane.
    ///
    /// - Returns: Its slot. It is the lane's head where it has none before it.
    mutating func append(_ request: Request) -> Int32 {
        let (lane, tail) = (request.lane, lanes[request.lane].tail)
        let account = lanes[lane].account
        let slot = requests.insert(request)
        requests[slot].previous = tail
        lanes[lane].tail = slot
        if tail >= 0 { requests[tail].next = slot } else { lanes[lane].head = slot }
        if request.deadline < .never { deadlines.set(slot, to: request.deadline) }
        accounts[account].soonestDeadline = min(accounts[account].soonestDeadline, request.deadline)
        accounts[account].requests += 1
        accounts[account].partition = request.partition
        return slot
    }

    /// Takes a request out of its lane, which must do nothing with it any more.
    mutating func remove(_ slot: Int32) {
        let request = requests[slot]
        deadlines.remove(slot)
        ends.remove(slot)
        lastErrors[slot] = nil
        if request.previous >= 0 {
            requests[request.previous].next = request.next
        } else {
            lanes[request.lane].head = request.next
        }
        if request.next >= 0 {
            requests[request.next].previous = request.previous
        } else {
            lanes[request.lane].tail = request.previous
        }
        requests.remove(slot)
        let account = lanes[request.lane].account
        accounts[account].requests -= 1
        if accounts[account].requests == 0 { accounts[account].soonestDeadline = .never }
    }

    // MARK: What a lane's head does

    /// Puts a lane into its account's queue, behind all that have come before.
    mutating func enqueue(lane slot: Int32) {
        let head = lanes[slot].head
        let isUnprepared = requests[head].flags.contains(.needsPreparation)
        let calling = AccountQueues.Kind(requests[head].rateClass, requests[head].feature)
        let kind = isUnprepared ? .preparation : calling
        lastTicket += 1
        lanes[slot].ticket = lastTicket
        lanes[slot].stage = .queued(kind)
        accounts[lanes[slot].account].queues.append(slot, to: kind, in: &lanes)
        if requests[head].flags.contains(.inDoubt) { resends.insert(slot) }
    }

    mutating func delay(lane slot: Int32, until due: Int64) {
        lanes[slot].stage = .delayed
        dueLanes.set(slot, to: due)
    }

    mutating func awaitFirstCommit(_ lane: Int32) {
        lanes[lane].stage = .awaitingFirstCommit
        accounts[lanes[lane].account].awaitingFirstCommit += 1
    }

    /// - Parameter stage: One that no queue and no heap goes with.
    mutating func setStage(of lane: Int32, to stage: Lane.Stage) { lanes[lane].stage = stage }

    /// Takes the lane's head out of whatever it is doing here.
    mutating func leaveStage(_ lane: Int32) {
        let account = lanes[lane].account
        switch lanes[lane].stage {
        case .empty, .frozen, .preparing, .marking, .calling: break
        case .awaitingFirstCommit: accounts[account].awaitingFirstCommit -= 1
        case .queued(let kind):
            accounts[account].queues.remove(lane, from: kind, in: &lanes)
            if !resends.isEmpty { resends.remove(lane) }
        case .delayed: dueLanes.remove(lane)
        }
        lanes[lane].stage = .empty
    }
}

/// What becomes of single requests.
extension Conversations {
    mutating func begin(_ slot: Int32, heldBefore: Int64, stoppedBefore: Int64) {
        requests[slot].heldBefore = heldBefore
        requests[slot].stoppedBefore = stoppedBefore
    }

    mutating func prepared(_ slot: Int32) { requests[slot].flags.remove(.needsPreparation) }

    /// - Returns: False where it was in the commit that runs before.
    mutating func markIsInCommit(_ slot: Int32) -> Bool { requests[slot].flags.insert(.markIsInCommit).inserted }

    /// - Returns: False where it was not in the commit that runs.
    @discardableResult
    mutating func markLeavesCommit(_ slot: Int32) -> Bool { requests[slot].flags.remove(.markIsInCommit) != nil }

    mutating func start(_ slot: Int32, tokenGeneration: UInt32, stoppedBefore: Int64, at now: Int64) {
        requests[slot].start(tokenGeneration: tokenGeneration, stoppedBefore: stoppedBefore, at: now)
        deadlines.remove(slot)
        ends.remove(slot)
        lanes[requests[slot].lane].stage = .calling
    }

    /// Notes what the request itself has to know of a call's end.
    mutating func answered(_ slot: Int32, _ outcome: CallOutcome) {
        lastErrors[slot] = outcome.error
        requests[slot].answered(outcome)
    }

    /// A try of `retry.maxAttempts` is used up.
    mutating func spendTry(_ slot: Int32) { requests[slot].spent += 1 }

    mutating func mediaFailed(_ slot: Int32) { requests[slot].mediaFailures += 1 }

    /// A wait that Graph named does not count as the request's own trying.
    mutating func addWait(_ slot: Int32, of time: Int64) {
        guard requests[slot].firstCallAt != .never else { return }
        requests[slot].firstCallAt = requests[slot].firstCallAt.saturatingAdd(time)
    }

    /// - Returns: False where it was in doubt before.
    mutating func enterDoubt(_ slot: Int32) -> Bool { requests[slot].flags.insert(.inDoubt).inserted }

    /// - Returns: Whether it was in doubt.
    mutating func leaveDoubt(_ slot: Int32) -> Bool {
        guard requests[slot].flags.remove(.inDoubt) != nil else { return false }
        resends.remove(requests[slot].lane)
        return true
    }

    mutating func unknownsAreDurable(_ slot: Int32, _ count: Int32) {
        requests[slot].durableUnknowns = max(requests[slot].durableUnknowns, count)
    }

    /// Has a request be looked at when its deadline passes.
    mutating func watchDeadline(of slot: Int32) {
        if requests[slot].deadline < .never { deadlines.set(slot, to: requests[slot].deadline) }
    }

    /// Has a request be looked at when it has been tried for long enough; `never` for not.
    mutating func watchEnd(of slot: Int32, at end: Int64) {
        if end < .never { ends.set(slot, to: end) }
    }
}

/// What is due.
extension Conversations {
    /// The first moment at which something is due, on the monotonic clock, but for deadlines.
    var nextDue: Int64? { [dueAccounts.firstTime, dueLanes.firstTime, ends.firstTime].compactMap(\.self).min() }

    /// The first deadline on the wall clock, in milliseconds.
    var nextDeadline: Int64? { deadlines.firstTime }

    func due(lane: Int32) -> Int64? { dueLanes.time(of: lane) }

    mutating func nextLate(at wall: Int64) -> Int32? { deadlines.popFirst(upTo: wall) }
    mutating func nextEnded(at now: Int64) -> Int32? { ends.popFirst(upTo: now) }
    mutating func nextDueAccount(at now: Int64) -> Int32? { dueAccounts.popFirst(upTo: now) }

    mutating func nextDueLane(at now: Int64) -> Int32? {
        guard let lane = dueLanes.popFirst(upTo: now) else { return nil }
        lanes[lane].stage = .empty
        return lane
    }
}
