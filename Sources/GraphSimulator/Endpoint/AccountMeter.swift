import InstagramMessaging

/// The simulator's memory of an account.
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

/// Counts arrivals in a sliding window: exact, whatever moment the window starts at.
struct SlidingWindow {
    let limit: Int
    /// Nanoseconds.
    let length: Int64
    /// The newest arrivals, at most `limit` of them; a ring once it is full.
    private var arrivals: [Int64] = []
    private var oldest = 0

    init(limit: Int, length: Int64) {
        self.limit = limit
        self.length = length
    }

    /// Counts an arrival; true where it is within the limit. Every arrival counts, also those over it: going on after
    /// a throttle prolongs it.
    mutating func count(_ arrival: Int64) -> Bool {
        guard arrivals.count == limit else {
            arrivals.append(arrival)
            return true
        }
        let isWithin = arrival - arrivals[oldest] >= length
        arrivals[oldest] = arrival
        oldest = (oldest + 1) % limit
        return isWithin
    }

    /// Arrivals in the window that ends now.
    func used(at now: Int64) -> Int {
        arrivals.count { now - $0 < length }
    }

    /// The time until the window has room again, in nanoseconds; 0 where it has.
    func waitForRoom(at now: Int64) -> Int64 {
        guard arrivals.count == limit else { return 0 }
        return max(0, arrivals[oldest] + length - now)
    }
}
