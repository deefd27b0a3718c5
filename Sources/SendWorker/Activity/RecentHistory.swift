import InstagramMessaging

/// What became of requests and calls in the last five minutes, in a ring of 5-second buckets.
///
/// Times are nanoseconds on the monotonic clock. Takes about 300 KB however much happens.
struct RecentHistory: Sendable {
    /// What happened within one bucket's time.
    struct Bucket: Sendable {
        /// How many buckets' time had passed since the origin when it began; negative for one never used.
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

    /// How long it has been since the origin.
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
