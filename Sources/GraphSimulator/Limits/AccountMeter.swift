import InstagramMessaging

/// What the simulator remembers of an account.
struct AccountMeter {
    /// Calls begun, from 1; the number of a call decides its draws.
    private(set) var calls: UInt64 = 0
    private(set) var lastArrival: Int64 = 0
    private var windows: [RateClass: SlidingWindow] = [:]

    init(limits: SimulatorLimits) {
        let second: Int64 = 1_000_000_000
        windows[.messages] = limits.messagesPerSecond.map { SlidingWindow(limit: $0, length: second) }
        windows[.media] = limits.mediaPerSecond.map { SlidingWindow(limit: $0, length: second) }
        windows[.liveReplies] = limits.messagesPerSecond.map { SlidingWindow(limit: $0, length: second) }
        windows[.privateReplies] = limits.privateRepliesPerHour.map { SlidingWindow(limit: $0, length: 3600 * second) }
    }

    mutating func begin(at arrival: Int64) -> UInt64 {
        calls += 1
        lastArrival = max(lastArrival, arrival)
        return calls
    }

    /// Counts a call against its class; true where it is within the limit.
    mutating func count(_ rateClass: RateClass, at arrival: Int64) -> Bool {
        windows[rateClass]?.count(arrival) ?? true
    }

    /// Whole percents of the class's window that are used; 0 where it has no limit.
    func percentUsed(of rateClass: RateClass, at now: Int64) -> Int {
        guard let window = windows[rateClass] else { return 0 }
        return window.used(at: now) * 100 / window.limit
    }

    /// Whole minutes, rounded up, until the class's window has room.
    func regainMinutes(of rateClass: RateClass, at now: Int64) -> Int {
        let minute: Int64 = 60_000_000_000
        let wait = windows[rateClass]?.waitForRoom(at: now) ?? 0
        return Int((wait + minute - 1) / minute)
    }
}
