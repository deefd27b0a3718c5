/// The slowing of the calls of one scope, an account or the application, by a throttle without a named time: a wait,
/// then half the pace, and back to full pace with what is delivered.
///
/// A throttle among many calls slows nothing but its own request. Above 1 % of the last minute's calls there is a wait of
/// a second, then calls go on at half the pace that they had before. A throttle after a wait halves the pace once more, and
/// doubles the wait if nothing was delivered since. Each second with deliveries and without a throttle brings back a tenth.
struct ThrottlePace: Sendable {
    private static let second: Int64 = 1_000_000_000
    private static let bucketLength = 5 * second
    private static let buckets = 12
    private static let firstWait = second
    private static let longestWait = 60 * second

    /// No call before this moment.
    private(set) var waitUntil = Int64.min
    /// Calls a second that may start; nil for any number.
    private(set) var pace: Double?
    /// The pace before the first throttle.
    private var fullPace = 0.0
    private var wait: Int64 = 0
    private var nextAt = Int64.min
    private var lastStartAt = Int64.min
    private var isDeliveredSinceWait = false
    /// The calls and the throttles of the last minute: twice as many buckets as it has; none before the first call.
    private var counts: [UInt32] = []
    private var bucket = Int64.min
    private var firstCallAt = Int64.min
    private var currentSecond = Int64.min
    private var isGoodSecond = false
    private var isBadSecond = false

    /// From when on nothing of it needs to be remembered: fewer calls than that make every throttle more than 1 % of them.
    var forgettable: Int64 {
        guard pace != nil || calls >= 100 else { return waitUntil }
        return max(waitUntil, (bucket + Int64(Self.buckets)).saturatingMultiply(Self.bucketLength))
    }

    /// Returns when the next call may start at the present pace; nil for now.
    func nextStart(at now: Int64) -> Int64? { pace != nil && nextAt > now ? nextAt : nil }

    mutating func started(at now: Int64) {
        roll(to: now)
        counts[Int(bucket % Int64(Self.buckets))] += 1
        lastStartAt = now
        guard let pace else { return }
        nextAt = max(nextAt, now).saturatingAdd(Self.interval(at: pace))
    }

    mutating func delivered(startedAt: Int64, now: Int64) {
        roll(to: now)
        guard let pace, startedAt >= waitUntil else { return }
        isGoodSecond = true
        isDeliveredSinceWait = true
        // From the next second on it goes faster, however long the interval was at the pace until now.
        guard !isBadSecond else { return }
        let faster = lastStartAt.saturatingAdd(Self.interval(at: pace + fullPace / 10))
        nextAt = min(nextAt, max((currentSecond + 1).saturatingMultiply(Self.second), faster))
    }

    private static func interval(at pace: Double) -> Int64 { Int64(saturating: Double(second) / pace) }

    /// A call was throttled, and Graph named no time.
    ///
    /// - Returns: Whether other calls of the scope have to wait too.
    mutating func throttled(startedAt: Int64, now: Int64) -> Bool {
        roll(to: now)
        counts[Self.buckets + Int(bucket % Int64(Self.buckets))] += 1
        isBadSecond = true
        guard isMoreThanOnePercent else { return waitUntil > now }
        // What started before the last wait had not felt it.
        guard startedAt >= waitUntil else { return true }
        slowDown(now: now)
        return true
    }

    /// Graph named the time to wait: calls go on slowly after it.
    mutating func waits(until end: Int64, startedAt: Int64, now: Int64) {
        roll(to: now)
        isBadSecond = true
        guard startedAt >= waitUntil else { return }
        slowDown(now: now)
        waitUntil = max(waitUntil, end)
        nextAt = waitUntil
    }

    private mutating func slowDown(now: Int64) {
        if let present = pace {
            if !isDeliveredSinceWait { wait = min(wait.saturatingMultiply(2), Self.longestWait) }
            pace = present / 2
        } else {
            fullPace = recentPace(at: now)
            pace = fullPace / 2
            wait = Self.firstWait
        }
        pace = max(pace ?? 0, Double(Self.second) / Double(wait))
        isDeliveredSinceWait = false
        waitUntil = now.saturatingAdd(wait)
        nextAt = waitUntil
    }

    // MARK: Counting

    private var isMoreThanOnePercent: Bool {
        let throttles = counts.suffix(Self.buckets).reduce(0) { $0 + Int($1) }
        return throttles * 100 >= calls
    }

    private var calls: Int { counts.prefix(Self.buckets).reduce(0) { $0 + Int($1) } }

    /// Calls a second, lately.
    private func recentPace(at now: Int64) -> Double {
        let present = Int(bucket % Int64(Self.buckets))
        let before = (present + Self.buckets - 1) % Self.buckets
        let calls = Double(counts[present] + counts[before])
        let since = max((bucket - 1) * Self.bucketLength, firstCallAt)
        return calls * Double(Self.second) / Double(max(now.saturatingSubtract(since), Self.second))
    }

    private mutating func roll(to now: Int64) {
        rollSecond(to: now / Self.second)
        let present = max(now, 0) / Self.bucketLength
        if counts.isEmpty {
            counts = Array(repeating: 0, count: 2 * Self.buckets)
            firstCallAt = now
            bucket = present
        }
        guard present > bucket else { return }
        for step in 0..<min(present - bucket, Int64(Self.buckets)) {
            let index = Int((present - step) % Int64(Self.buckets))
            counts[index] = 0
            counts[Self.buckets + index] = 0
        }
        bucket = present
    }

    private mutating func rollSecond(to second: Int64) {
        guard second != currentSecond else { return }
        if let present = pace, isGoodSecond, !isBadSecond {
            let next = present + fullPace / 10
            pace = next >= fullPace ? nil : next
        }
        currentSecond = second
        isGoodSecond = false
        isBadSecond = false
    }
}

/// The time that something has been stopped, over all its stops; stops that overlap count once.
///
/// A stop whose end is known is counted in advance, so that nothing has to happen when it ends.
struct StoppedTime: Sendable {
    /// Of all stops with a known end, the part to come included.
    private var total: Int64 = 0
    private var coveredUntil = Int64.min
    /// Since when a stop without a known end lasts.
    private var openSince: Int64?

    /// Returns how long it was stopped until now.
    func value(at now: Int64) -> Int64 {
        let known = total.saturatingSubtract(max(coveredUntil.saturatingSubtract(now), 0))
        guard let openSince else { return known }
        return known.saturatingAdd(max(now.saturatingSubtract(max(openSince, min(coveredUntil, now))), 0))
    }

    /// Returns how much longer the present stop lasts, as far as is known; nil where nobody knows.
    func remaining(at now: Int64) -> Int64? {
        openSince == nil ? max(coveredUntil.saturatingSubtract(now), 0) : nil
    }

    /// It is stopped from now until a moment.
    mutating func stop(until end: Int64, now: Int64) {
        total = total.saturatingAdd(max(end.saturatingSubtract(max(coveredUntil, now)), 0))
        coveredUntil = max(coveredUntil, end)
    }

    /// It is stopped from now on, and nobody knows until when.
    mutating func stop(now: Int64) {
        openSince = openSince ?? now
    }

    /// It is not stopped any more, whatever was planned.
    mutating func goOn(now: Int64) {
        total = value(at: now)
        coveredUntil = min(coveredUntil, now)
        openSince = nil
    }
}
