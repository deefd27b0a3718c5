/// The places of requests in their conversations, and the waits of conversations.
extension SendEngine {
    mutating func accountSlot(for id: String) -> Int32 {
        if let slot = accountSlots[id] { return slot }
        let slack = settings.arrivalSlack.nanoseconds
        var account = Account(id: id, limits: settings.limits(of: id), slack: slack)
        account.allowance = settings.firstCalls.map { max($0, 1) }
        let slot = accounts.insert(account)
        accountSlots[id] = slot
        return slot
    }

    mutating func laneSlot(for conversation: String, of account: Int32) -> Int32 {
        let key = LaneKey(account: account, conversation: conversation)
        if let slot = laneSlots[key] { return slot }
        var lane = Lane(account: account, conversation: conversation)
        lane.window = accounts[account].conversationLimit.map {
            SlidingWindow($0, slack: settings.arrivalSlack.nanoseconds)
        }
        lane.nextSibling = accounts[account].firstLane
        let slot = lanes.insert(lane)
        if lane.nextSibling >= 0 { lanes[lane.nextSibling].previousSibling = slot }
        accounts[account].firstLane = slot
        accounts[account].lanes += 1
        laneSlots[key] = slot
        return slot
    }

    /// Puts a request at the end of its lane.
    mutating func append(_ slot: Int32, to lane: Int32) {
        let tail = lanes[lane].tail
        requests[slot].previous = tail
        lanes[lane].tail = slot
        if tail >= 0 {
            requests[tail].next = slot
        } else {
            lanes[lane].head = slot
            leaveStage(lane)
            presentHead(of: lane)
        }
    }

    /// Lets a lane's head wait for its turn, from a moment on; a lane without a head is dropped, or kept only for as
    /// long as its own limit must be remembered.
    mutating func presentHead(of lane: Int32, from due: Int64 = .min) {
        let head = lanes[lane].head
        guard head >= 0 else {
            rest(lane)
            return
        }
        let due = max(due, lanes[lane].closedUntil)
        switch partitions[requests[head].partition]?.standing ?? .draining {
        case .draining: lanes[lane].stage = .frozen
        case .awaitingFirstCommit:
            lanes[lane].stage = .awaitingFirstCommit
            accounts[lanes[lane].account].awaitingFirstCommit += 1
        case .open where due > clock.monotonic:
            lanes[lane].stage = .delayed
            dueLanes.set(lane, to: due)
        case .open:
            let isUnprepared = requests[head].flags.contains(.needsPreparation)
            let calling = AccountQueues.Kind(requests[head].rateClass, requests[head].feature)
            let kind = isUnprepared ? .preparation : calling
            nextTicket += 1
            lanes[lane].ticket = nextTicket
            lanes[lane].stage = .queued(kind)
            accounts[lanes[lane].account].queues.append(lane, to: kind, in: &lanes)
            if requests[head].flags.contains(.inDoubt) { resends.insert(lane) }
        }
        reconsider(lanes[lane].account)
    }

    /// Takes the head out of whatever it is doing.
    mutating func leaveStage(_ lane: Int32) {
        let account = lanes[lane].account
        let head = lanes[lane].head
        switch lanes[lane].stage {
        case .empty, .frozen: break
        case .awaitingFirstCommit: accounts[account].awaitingFirstCommit -= 1
        case .queued(let kind):
            accounts[account].queues.remove(lane, from: kind, in: &lanes)
            if !resends.isEmpty { resends.remove(lane) }
        case .delayed: dueLanes.remove(lane)
        case .preparing:
            accounts[account].preparing -= 1
            gauges.preparing -= 1
        case .marking: giveBack(head, of: lane)
        case .calling:
            accounts[account].inFlight -= 1
            accounts[account].features[requests[head].feature] -= 1
            partitions[requests[head].partition]?.inFlight -= 1
        }
        lanes[lane].stage = .empty
    }

    /// Forgets a request that has ended or whose partition is gone, and lets the next of its lane come.
    mutating func discard(_ slot: Int32) {
        let request = requests[slot]
        let lane = request.lane
        deadlines.remove(slot)
        ends.remove(slot)
        lastErrors[slot] = nil
        let wasHead = lanes[lane].head == slot
        if wasHead { leaveStage(lane) }
        if request.previous >= 0 {
            requests[request.previous].next = request.next
        } else {
            lanes[lane].head = request.next
        }
        if request.next >= 0 {
            requests[request.next].previous = request.previous
        } else {
            lanes[lane].tail = request.previous
        }
        requests.remove(slot)
        let account = lanes[lane].account
        accounts[account].requests -= 1
        if accounts[account].requests == 0 {
            accounts[account].soonestDeadline = .never
        }
        if wasHead { presentHead(of: lane) } else { reconsider(account) }
    }

    /// The time of a delayed lane has come.
    mutating func wake(_ lane: Int32) {
        lanes[lane].stage = .empty
        presentHead(of: lane)
    }

    private mutating func rest(_ lane: Int32) {
        let account = lanes[lane].account
        if let window = lanes[lane].window, let end = window.emptyAt, end > clock.monotonic {
            lanes[lane].stage = .delayed
            dueLanes.set(lane, to: end)
        } else {
            drop(lane)
        }
        reconsider(account)
    }

    private mutating func drop(_ slot: Int32) {
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
}
