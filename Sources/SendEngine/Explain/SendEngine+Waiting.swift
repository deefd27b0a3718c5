/// Which accounts wait, for people who look on.
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

    /// How one partition stands; nil for one that is not assigned.
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

/// What the engine knows of one partition.
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

    /// Those with the largest counts first.
    var slots: [Int32] {
        entries.sorted { ($0.count, $1.slot) > ($1.count, $0.slot) }.map(\.slot)
    }
}
