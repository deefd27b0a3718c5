import CAllocationCounter

/// Measures single events of tens of nanoseconds and up.
struct Stopwatch {
    /// What time is taken from.
    enum Clock: String, CaseIterable {
        /// The processor time of this thread: what else the machine does is not counted. Reading it takes longer.
        case processor
        /// The time on the wall, with every interruption.
        case wall
    }

    let clock: Clock
    /// What reading the clock twice costs, in nanoseconds: the median of many empty measurements.
    private(set) var ownCost: UInt64 = 0

    init(_ clock: Clock) {
        self.clock = clock
        var empty: [UInt64] = []
        for _ in 0..<20_000 {
            let start = now
            empty.append(now - start)
        }
        empty.sort()
        ownCost = empty[empty.count / 2]
    }

    /// The moment from which an event counts.
    var now: UInt64 {
        switch clock {
        case .processor: thread_processor_nanoseconds()
        case .wall: monotonic_nanoseconds()
        }
    }

    /// Nanoseconds since a moment, without the clock's own cost.
    func elapsed(since start: UInt64) -> UInt64 {
        let span = now - start
        return span > ownCost ? span - ownCost : 0
    }
}
