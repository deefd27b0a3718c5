internal import InstagramMessaging

/// The memories that outlive this owner of an account's partition.
extension SendEngine {
    /// Times are rounded up to so many milliseconds, so that calls close together are written as one.
    private static var grain: Int64 { 10_000 }

    /// The highest limit that can be configured; foreign bytes take no more room.
    private static var mostReplies: Int { 1_000_000 }

    /// Returns what the state topic is to hold of an account; nil for nothing.
    func memory(of slot: Int32) -> AccountMemory? {
        let now = clock.monotonic
        var memory = AccountMemory()
        for release in accounts[slot].limits.privateReplies.releases(after: now) {
            let until = roundedUp(wallTime(at: release).saturatingAdd(1))
            if let last = memory.privateReplies.last, last.until == until {
                memory.privateReplies[memory.privateReplies.count - 1].calls += 1
            } else {
                memory.privateReplies.append(AccountMemory.Usage(until: until, calls: 1))
            }
        }
        memory.reservedReplies = accounts[slot].limits.privateReplies.reserved
        let health = accounts[slot].health
        let cooling = max(health.coolUntil, health.pace.waitUntil)
        if cooling > now { memory.coolUntil = wallTime(at: cooling) }
        memory.words = words(of: slot)
        if health.holds > 0 {
            memory.holds = health.holds
            memory.holdUntil = wallTime(at: health.holdUntil)
            memory.isPermissionHold = health.hold == .permission
        }
        memory.paceSteps = health.paceSteps(at: now, settings.health)
        if memory.paceSteps > 0 { memory.recoversFrom = wallTime(at: max(health.recoversFrom, now)) }
        return memory.isEmpty ? nil : memory
    }

    private func words(of slot: Int32) -> MemoryWords {
        let now = clock.monotonic
        let health = accounts[slot].health
        var words = MemoryWords()
        words.holdCause = health.holdCause
        if health.coolUntil > now { words.coolCause = health.coolCause }
        for (feature, hold) in health.features where hold.count > 0 {
            words.features[feature] = MemoryWords.FeatureHold(
                until: wallTime(at: hold.until),
                count: hold.count,
                cause: hold.cause
            )
        }
        if accounts[slot].namedApplicationWait > now {
            words.applicationUntil = wallTime(at: accounts[slot].namedApplicationWait)
            words.applicationCause = graph.coolCause
        }
        return words
    }

    private func roundedUp(_ time: Int64) -> Int64 {
        let rest = time % Self.grain
        return rest <= 0 ? time.saturatingSubtract(rest) : time.saturatingAdd(Self.grain - rest)
    }

    /// Takes over what an earlier owner wrote of an account.
    mutating func restore(_ memory: AccountMemory, of id: String, partition: Int32) {
        let slot = accountSlot(for: id)
        accounts[slot].partition = partition
        accounts[slot].hasMemory = true
        restoreReplies(memory, of: slot)
        let now = clock.monotonic
        accounts[slot].health.restore(pastHealth(memory), now: now)
        let application = monotonicTime(at: memory.words.applicationUntil, atMost: settings.health.longestNamedWait)
        if application > now {
            accounts[slot].namedApplicationWait = application
            graph.wait(untilNamed: application, error: memory.words.applicationCause, now: now)
        }
        noteLongWaits(of: slot)
        reconsider(slot)
    }

    private func pastHealth(_ memory: AccountMemory) -> PastHealth {
        var past = PastHealth()
        past.coolUntil = monotonicTime(at: memory.coolUntil, atMost: settings.health.longestNamedWait)
        past.coolCause = memory.words.coolCause
        past.hold = memory.isPermissionHold ? .permission : .policy
        past.holdUntil = monotonicTime(at: memory.holdUntil, atMost: settings.health.maxHold)
        past.holds = memory.holds
        past.holdCause = memory.words.holdCause
        past.paceSteps = memory.paceSteps
        past.recoversFrom = monotonicTime(at: memory.recoversFrom, atMost: settings.health.longestNamedWait)
        for (feature, hold) in memory.words.features {
            past.features[feature] = PastHealth.Feature(
                until: monotonicTime(at: hold.until, atMost: settings.health.maxHold),
                count: hold.count,
                cause: hold.cause
            )
        }
        return past
    }

    private mutating func restoreReplies(_ memory: AccountMemory, of slot: Int32) {
        let window = accounts[slot].limits.privateReplies
        let longest = Duration.nanoseconds(window.length.saturatingAdd(window.slack))
        var releases: [Int64] = []
        // All of them, not only as many as the limit has room for: it may be raised while they still count.
        for usage in memory.privateReplies.reversed() where releases.count < Self.mostReplies {
            let release = monotonicTime(at: usage.until, atMost: longest)
            let count = min(usage.calls, Self.mostReplies - releases.count)
            if release > clock.monotonic { releases += Array(repeating: release, count: count) }
        }
        // Nobody knows when they were called, if at all; not later than now.
        let end = clock.monotonic.saturatingAdd(longest.nanoseconds)
        releases += Array(repeating: end, count: min(memory.reservedReplies, Self.mostReplies))
        // What was written holds this worker's own calls too, unless it calls for the account because of another
        // partition at this moment; better to count them twice then.
        let keepsOwn = accounts[slot].requests > 0
        accounts[slot].limits.privateReplies.restore(releases: releases.sorted(), keepsOwn: keepsOwn)
    }

    /// The moment on the monotonic clock of one on the wall clock, no further ahead than a wrong clock may push it.
    private func monotonicTime(at wall: Int64, atMost longest: Duration) -> Int64 {
        guard wall != .min else { return .min }
        let ahead = wall.saturatingSubtract(clock.wall.millisecondsSinceEpoch).saturatingMultiply(1_000_000)
        return clock.monotonic.saturatingAdd(min(ahead, max(longest.nanoseconds, 0)))
    }

    /// The next commit writes what is to be remembered of an account. Not in a partition of which there is no offset yet:
    /// no group would refuse it from a worker that has lost the partition, and nothing of it was called for this owner.
    mutating func noteMemory(of slot: Int32) {
        guard accounts[slot].isLive, partitions[accounts[slot].partition]?.ledger.isAnchored ?? false else { return }
        commits.note(account: accounts[slot].id, in: accounts[slot].partition)
    }

    /// Returns what the batch that is being taken says of accounts.
    mutating func takeStates(of accountsWithNews: [String: Int32]) -> [CommitBatch.AccountState] {
        accountsWithNews.sorted { $0.key < $1.key }.compactMap { id, number in
            guard let partition = partitions[number] else { return nil }
            let slot = accountSlots[id]
            let memory = slot.flatMap { self.memory(of: $0) }
            if let slot { accounts[slot].hasMemory = memory != nil }
            return CommitBatch.AccountState(
                partition: number,
                epoch: partition.epoch,
                accountID: id,
                memory: memory?.encoded(),
                words: memory?.encodedWords()
            )
        }
    }
}

/// Slots in the order in which they were last touched, each at most once; every step takes the same time.
struct RecencyList: Sendable {
    private struct Node {
        var time = Int64.min
        var previous: Int32 = -1
        var next: Int32 = -1
        var isIn = false
    }

    private var nodes: [Node] = []
    /// The one touched longest ago; -1 for none.
    private(set) var first: Int32 = -1
    private var last: Int32 = -1

    /// The moment at which the slot that was touched longest ago was touched.
    var firstTime: Int64? { first >= 0 ? nodes[Int(first)].time : nil }

    func contains(_ slot: Int32) -> Bool { Int(slot) < nodes.count && nodes[Int(slot)].isIn }

    /// The slot touched next after one that is in.
    func next(after slot: Int32) -> Int32 { nodes[Int(slot)].next }

    /// Puts the slot at the end. Times must not go back from one touch to the next.
    mutating func touch(_ slot: Int32, at time: Int64) {
        while Int(slot) >= nodes.count { nodes.append(Node()) }
        remove(slot)
        nodes[Int(slot)] = Node(time: time, previous: last, next: -1, isIn: true)
        if last >= 0 { nodes[Int(last)].next = slot } else { first = slot }
        last = slot
    }

    mutating func remove(_ slot: Int32) {
        guard contains(slot) else { return }
        let node = nodes[Int(slot)]
        if node.previous >= 0 { nodes[Int(node.previous)].next = node.next } else { first = node.next }
        if node.next >= 0 { nodes[Int(node.next)].previous = node.previous } else { last = node.previous }
        nodes[Int(slot)].isIn = false
    }
}
