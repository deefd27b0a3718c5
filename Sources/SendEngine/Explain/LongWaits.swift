package import InstagramMessaging

/// A wait of more than a minute that has begun, or become longer: worth a line in the log.
package struct LongWait: Sendable, Hashable {
    /// The account that waits; nil where all do.
    package var accountID: String?
    package var reason: WaitingReason
    /// In monotonic nanoseconds.
    package var until: Int64
    /// The error that Graph answered with.
    package var cause: SendError?
}

extension SendEngine {
    private static var shortest: Int64 { 60_000_000_000 }
    /// The end of a wait may move by so much without being a longer one.
    private static var grain: Int64 { 1_000_000_000 }

    /// The long waits that have begun since the last look.
    package mutating func takeLongWaits() -> [LongWait] {
        defer { longWaits = [] }
        return longWaits
    }

    /// Takes note of what an account, a feature of it, or the application waits for now.
    mutating func noteLongWaits(of slot: Int32) {
        let now = clock.monotonic
        let id = accounts[slot].id
        let health = accounts[slot].health
        if case .until(let end, let reason) = health.gate(at: now), isLonger(end, than: accounts[slot].toldUntil) {
            accounts[slot].toldUntil = end
            let cause = health.cause(at: now)
            longWaits.append(LongWait(accountID: id, reason: reason, until: end, cause: cause))
        }
        for (feature, hold) in health.features where isLonger(hold.until, than: accounts[slot].toldFeatures[feature]) {
            accounts[slot].toldFeatures[feature] = hold.until
            let reason = WaitingReason.featureHeld(feature)
            longWaits.append(LongWait(accountID: id, reason: reason, until: hold.until, cause: hold.cause))
        }
        noteLongWaitOfAll()
    }

    /// Takes note of what all accounts wait for now.
    mutating func noteLongWaitOfAll() {
        guard isLonger(graph.coolUntil, than: toldUntil) else { return }
        toldUntil = graph.coolUntil
        longWaits.append(LongWait(reason: .applicationCooling, until: graph.coolUntil, cause: graph.coolCause))
    }

    /// Takes note of a request whose conversation waits, as Graph asked for.
    mutating func noteLongWait(of request: Int32, until end: Int64, _ error: SendError?) {
        guard isLonger(end, than: nil) else { return }
        let id = accounts[lanes[requests[request].lane].account].id
        longWaits.append(LongWait(accountID: id, reason: .conversationCooling, until: end, cause: error))
    }

    private func isLonger(_ end: Int64, than told: Int64?) -> Bool {
        end.saturatingSubtract(clock.monotonic) > Self.shortest && end > (told ?? .min).saturatingAdd(Self.grain)
    }
}

/// The accounts that wait, for people who look on.
extension SendEngine {
    /// Of accounts that wait for a limit, or for what all accounts wait for, at most so many push out others.
    private static let placesForPassingWaits = 10

    /// The accounts that wait with requests: first those that Graph stopped, those with the most requests first, then
    /// those that wait for a rate limit or for what concerns all accounts.
    ///
    /// Looks at every account, so the answer is to be kept for a while.
    ///
    /// - Parameter limit: The most accounts given.
    package func waitingAccounts(limit: Int) -> [AccountExplanation] {
        guard limit > 0 else { return [] }
        let isGateShut = roomForCalls.room != .now
        var stopped = LargestCounts(limit: limit)
        var passing = LargestCounts(limit: limit)
        for slot in 0..<accounts.places where accounts[slot].requests > 0 {
            let count = accounts[slot].requests
            switch accounts[slot].condition {
            case .cooling, .held, .stopped, .parked: stopped.offer(slot, count: count)
            case .limited: passing.offer(slot, count: count)
            case .ready, nil:
                let calls = accounts[slot].inFlight + accounts[slot].reserved
                if accounts[slot].health.callsOneByOne, calls > 0 {
                    stopped.offer(slot, count: count)
                } else if isGateShut || accounts[slot].awaitingFirstCommit > 0, count > calls {
                    passing.offer(slot, count: count)
                }
            }
        }
        let reserved = min(passing.slots.count, limit, Self.placesForPassingWaits)
        let first = stopped.slots.prefix(limit - reserved)
        // What has become free since its condition was noted waits no longer.
        return (first + passing.slots.prefix(limit - first.count))
            .map { explanation(of: $0) }
            .filter { $0.reason != .ready }
    }

    /// Returns how one partition stands; nil for one that is not assigned.
    package func explain(partition number: Int32) -> PartitionExplanation? {
        partitions[number].map { partition in
            PartitionExplanation(
                outstanding: partition.outstanding,
                inFlight: partition.inFlight,
                isPaused: partition.isPaused,
                isDraining: partition.isDraining
            )
        }
    }
}

/// The facts that the engine knows of one partition.
package struct PartitionExplanation: Sendable, Hashable {
    /// Records read and not durably finished.
    package var outstanding: Int
    package var inFlight: Int
    /// Not fetched because enough of it is outstanding.
    package var isPaused: Bool
    /// Being given up: nothing new starts.
    package var isDraining: Bool
}

/// The few slots with the largest counts among many.
private struct LargestCounts {
    let limit: Int
    private var entries: [(count: Int, slot: Int32)] = []
    private var smallest = 0

    init(limit: Int) {
        self.limit = limit
        entries.reserveCapacity(limit)
    }

    mutating func offer(_ slot: Int32, count: Int) {
        if entries.count < limit {
            entries.append((count, slot))
        } else if count > entries[smallest].count {
            entries[smallest] = (count, slot)
        } else {
            return
        }
        if entries.count == limit {
            smallest = entries.indices.min { entries[$0].count < entries[$1].count } ?? 0
        }
    }

    /// The slots, those with the largest counts first.
    var slots: [Int32] {
        entries.sorted { ($0.count, $1.slot) > ($1.count, $0.slot) }.map(\.slot)
    }
}
