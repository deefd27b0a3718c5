import InstagramMessaging
import SendEngine

/// The latest results and calls, for the status page, bounded whatever happens. One owner keeps it, the engine's loop; a copy
/// is cheap to take.
struct RecentActivity: Sendable {
    private var history: RecentHistory
    private var deadLetters = RecentDeadLetters()
    private var totals: [SendResult.Status: Int] = [:]

    /// - Parameter origin: The present, in nanoseconds on the monotonic clock.
    init(origin: Int64) {
        history = RecentHistory(origin: origin)
    }

    /// Results have become durable.
    mutating func ended(_ entries: [Delivery.Entry], at now: Int64) {
        for entry in entries {
            history.record(entry.result, at: now)
            deadLetters.record(entry.result)
            totals[entry.result.status, default: 0] += 1
        }
    }

    /// A call has ended.
    mutating func callEnded(_ outcome: CallOutcome, nanoseconds: Int64, at now: Int64) {
        history.record(outcome.outcomeClass, nanoseconds: outcome.wasStarted ? nanoseconds : nil, at: now)
    }

    /// Returns the summary to be shown now.
    func summary(at now: EngineTime) -> ActivitySummary {
        ActivitySummary(history: history, deadLetters: deadLetters, totals: totals, now: now)
    }
}

/// The ends of requests and calls in the last five minutes, in a ring of 5-second buckets.
///
/// Times are nanoseconds on the monotonic clock. Takes about 300 KB however much happens.
struct RecentHistory: Sendable {
    /// The ends within one bucket's time.
    struct Bucket: Sendable {
        /// The number of buckets whose time had passed since the origin when it began; negative for one never used.
        fileprivate(set) var number: Int64 = -1
        fileprivate(set) var results = [SendResult.Status: Int]()
        fileprivate(set) var categories = [ErrorCategory: Int]()
        fileprivate(set) var outcomes = [OutcomeClass: Int]()
        /// From a request's Kafka timestamp to its end.
        fileprivate(set) var requestLatency = LatencyHistogram()
        /// From the start of a call to its end; calls that were never started have none.
        fileprivate(set) var callDuration = LatencyHistogram()

        /// Requests that ended.
        var ended: Int { results.values.reduce(0, +) }
        /// Calls that ended.
        var calls: Int { outcomes.values.reduce(0, +) }
    }

    static let bucketCount = 60
    static let bucketNanoseconds: Int64 = 5_000_000_000

    private let origin: Int64
    private var ring = [Bucket](repeating: Bucket(), count: bucketCount)

    /// - Parameter origin: The present.
    init(origin: Int64) {
        self.origin = origin
    }

    /// A request has come to its end.
    mutating func record(_ result: SendResult, at now: Int64) {
        let taken = result.latencyMilliseconds
        change(at: now) { bucket in
            bucket.results[result.status, default: 0] += 1
            if let category = result.error?.category { bucket.categories[category, default: 0] += 1 }
            if let taken { bucket.requestLatency.record(microseconds: taken * 1_000) }
        }
    }

    /// A call has ended.
    ///
    /// - Parameter nanoseconds: How long it took; nil for one that was never started.
    mutating func record(_ outcome: OutcomeClass, nanoseconds: Int64?, at now: Int64) {
        change(at: now) { bucket in
            bucket.outcomes[outcome, default: 0] += 1
            if let nanoseconds { bucket.callDuration.record(microseconds: nanoseconds / 1_000) }
        }
    }

    /// The buckets of the last five minutes, the oldest first; the last one is still being filled.
    func buckets(at now: Int64) -> [Bucket] {
        let newest = number(at: now)
        return (0..<Int64(Self.bucketCount)).map { age in
            let wanted = newest - Int64(Self.bucketCount) + 1 + age
            guard wanted >= 0 else { return Bucket() }
            let bucket = ring[Self.place(of: wanted)]
            return bucket.number == wanted ? bucket : Bucket()
        }
    }

    /// For how long the newest bucket has been filled.
    func newestAge(at now: Int64) -> Int64 { max(now - origin, 0) % Self.bucketNanoseconds }

    /// Returns how long it has been since the origin.
    func age(at now: Int64) -> Int64 { max(now - origin, 0) }

    private func number(at now: Int64) -> Int64 { max(now - origin, 0) / Self.bucketNanoseconds }

    private static func place(of number: Int64) -> Int { Int(number % Int64(bucketCount)) }

    private mutating func change(at now: Int64, _ body: (inout Bucket) -> Void) {
        let number = number(at: now)
        let place = Self.place(of: number)
        // Somebody was slow to tell, and the place has been used anew: too old to be shown.
        guard ring[place].number <= number else { return }
        if ring[place].number < number {
            ring[place] = Bucket()
            ring[place].number = number
        }
        body(&ring[place])
    }
}

/// The last dead letters, and how many there were of each category since the start. Holds no message text.
struct RecentDeadLetters: Sendable {
    /// One dead letter as it is shown.
    struct Entry: Sendable, Hashable {
        var time: Timestamp
        var accountID: String?
        var requestID: String?
        var status: SendResult.Status
        var category: ErrorCategory
        var code: Int?
        var subcode: Int?
        /// The fault, in the words of the result's error.
        var message: String
        var partition: Int32
        var offset: Int64
    }

    static let shown = 20
    /// Longer words of an error are cut, in characters.
    static let longestMessage = 300

    private var ring: [Entry] = []
    private var next = 0
    private(set) var counts: [ErrorCategory: Int] = [:]

    /// The last ones, the newest first.
    var newestFirst: [Entry] { Array((ring[next...] + ring[..<next]).reversed()) }

    /// Takes note of a request's end, unless it was sent.
    mutating func record(_ result: SendResult) {
        guard result.status != .sent, let error = result.error else { return }
        counts[error.category, default: 0] += 1
        let entry = Entry(
            time: result.completedAt,
            accountID: result.accountID,
            requestID: result.requestID,
            status: result.status,
            category: error.category,
            code: error.code,
            subcode: error.subcode,
            message: String(error.message.prefix(Self.longestMessage)),
            partition: result.source.partition,
            offset: result.source.offset
        )
        if ring.count < Self.shown {
            ring.append(entry)
        } else {
            ring[next] = entry
            next = (next + 1) % Self.shown
        }
    }
}

/// The number of times that each duration occurred, in 2 KB however many durations there are; quantiles are off by 3 %
/// at most.
///
/// Each power of two is divided into 16 equal steps. What is longer than a day and a half counts as that.
struct LatencyHistogram: Sendable, Hashable {
    private static let stepBits = 4
    private static let steps = 1 << stepBits
    /// 2^37 microseconds are 38 hours.
    private static let longest: Int64 = 1 << 37
    private static let places = index(of: longest) + 1

    private(set) var count = 0
    private var counts = [UInt32](repeating: 0, count: places)

    mutating func record(microseconds: Int64) {
        counts[Self.index(of: min(max(microseconds, 0), Self.longest))] &+= 1
        count += 1
    }

    mutating func add(_ other: LatencyHistogram) {
        guard other.count > 0 else { return }
        for index in counts.indices { counts[index] &+= other.counts[index] }
        count += other.count
    }

    /// The duration that this share of all is not longer than, in microseconds; nil where there is none.
    ///
    /// - Parameter share: 0.5 for the median.
    func quantile(_ share: Double) -> Int64? {
        guard count > 0 else { return nil }
        let rank = min(max(Int((share * Double(count)).rounded(.up)), 1), count)
        var seen = 0
        for (index, count) in counts.enumerated() where count > 0 {
            seen += Int(count)
            if seen >= rank { return Self.middle(of: index) }
        }
        return nil
    }

    private static func index(of value: Int64) -> Int {
        guard value >= steps else { return Int(value) }
        let octave = 63 - value.leadingZeroBitCount
        let step = Int(value >> Int64(octave - stepBits)) - steps
        return (octave - stepBits + 1) * steps + step
    }

    private static func middle(of index: Int) -> Int64 {
        guard index >= steps else { return Int64(index) }
        let shift = Int64(index / steps - 1)
        let first = Int64(steps + index % steps) << shift
        return first + ((1 << shift) - 1) / 2
    }
}
