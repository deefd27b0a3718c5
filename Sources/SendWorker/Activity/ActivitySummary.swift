import InstagramMessaging
import SendEngine

/// The last minutes in numbers, as the status page shows them.
struct ActivitySummary: Sendable {
    /// Two quantiles of a duration, in microseconds; nil where nothing was measured.
    struct Latency: Sendable, Hashable {
        var count: Int
        var p50: Int64?
        var p99: Int64?

        init(_ histogram: LatencyHistogram) {
            count = histogram.count
            p50 = histogram.quantile(0.5)
            p99 = histogram.quantile(0.99)
        }
    }

    /// Rates are over so many whole buckets and what there is of the newest.
    private static let rateBuckets = 2

    let buckets: [RecentHistory.Bucket]
    /// When the newest bucket began.
    let newestBegan: Timestamp
    /// Requests that ended per second, lately.
    let resultsPerSecond: Double
    /// Calls that ended per second, lately.
    let callsPerSecond: Double
    let requestLatency: Latency
    let callDuration: Latency
    let deadLetters: [RecentDeadLetters.Entry]
    /// Dead letters since the start.
    let deadLetterCounts: [ErrorCategory: Int]
    /// Results since the start.
    let totals: [SendResult.Status: Int]

    init(
        history: RecentHistory,
        deadLetters: RecentDeadLetters,
        totals: [SendResult.Status: Int],
        now: EngineTime
    ) {
        buckets = history.buckets(at: now.monotonic)
        newestBegan = now.wall.adding(milliseconds: -history.newestAge(at: now.monotonic) / 1_000_000)
        let last = buckets.suffix(Self.rateBuckets + 1)
        let span = min(
            history.newestAge(at: now.monotonic) + Int64(Self.rateBuckets) * RecentHistory.bucketNanoseconds,
            // A worker that has just started is not slow.
            max(history.age(at: now.monotonic), 1_000_000_000)
        )
        resultsPerSecond = Double(last.reduce(0) { $0 + $1.ended }) * 1e9 / Double(span)
        callsPerSecond = Double(last.reduce(0) { $0 + $1.calls }) * 1e9 / Double(span)
        var (requests, calls) = (LatencyHistogram(), LatencyHistogram())
        for bucket in buckets {
            requests.add(bucket.requestLatency)
            calls.add(bucket.callDuration)
        }
        requestLatency = Latency(requests)
        callDuration = Latency(calls)
        self.deadLetters = deadLetters.newestFirst
        deadLetterCounts = deadLetters.counts
        self.totals = totals
    }

    /// The sum over the last five minutes of what each bucket counted.
    func sum<Key: Hashable>(_ counts: KeyPath<RecentHistory.Bucket, [Key: Int]>) -> [Key: Int] {
        buckets.reduce(into: [:]) { $0.merge($1[keyPath: counts], uniquingKeysWith: +) }
    }
}
