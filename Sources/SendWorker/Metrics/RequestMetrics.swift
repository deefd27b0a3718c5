import InstagramMessaging
import Telemetry

/// Requests that come in, and their results.
struct RequestMetrics: Sendable {
    static let received = MetricDeclaration.counter(
        "send_worker_requests_received_total",
        labels: ["kind"],
        "Records read from the requests topic, by kind of message."
    )
    static let unkeyed = MetricDeclaration.counter(
        "send_worker_unkeyed_requests_total",
        "Records whose key is missing or is not their account."
    )
    static let misplaced = MetricDeclaration.counter(
        "send_worker_misplaced_requests_total",
        "Records that stand in another partition than murmur2 puts their account in."
    )
    static let skipped = MetricDeclaration.counter(
        "send_worker_records_skipped_total",
        labels: ["cause"],
        "Records passed over, since an earlier owner finished them or they were read again."
    )
    static let results = MetricDeclaration.counter(
        "send_worker_results_total",
        labels: ["status", "category"],
        "Requests that came to their end, by status and error category."
    )
    static let attempts = MetricDeclaration.histogram(
        "send_worker_result_attempts",
        buckets: [0, 1, 2, 3, 4, 5, 7, 10, 15, 20],
        "Calls made for a request until its end."
    )
    static let possibleDuplicates = MetricDeclaration.counter(
        "send_worker_possible_duplicates_total",
        "Results that say that the message may have been delivered twice."
    )
    static let latency = MetricDeclaration.histogram(
        "send_worker_request_latency_seconds",
        labels: ["status"],
        unit: .seconds,
        buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400],
        "Time from a request's Kafka timestamp to its end, by status; without those whose timestamp is implausible."
    )

    static let all = [received, unkeyed, misplaced, skipped, results, attempts, possibleDuplicates, latency]

    private struct ResultLabels: Hashable {
        var status: SendResult.Status
        var category: ErrorCategory?
    }

    private let received: [MessageKind: Counter]
    private let receivedInvalid: Counter
    private let unkeyed: Counter
    private let misplaced: Counter
    private let repeated: RunningTotal
    private let finishedBefore: RunningTotal
    private let results: [ResultLabels: Counter]
    private let attempts: Histogram
    private let possibleDuplicates: Counter
    private let latencies: [SendResult.Status: Histogram]

    init(_ registry: MetricsRegistry) {
        received = registry.counters(Self.received)
        receivedInvalid = registry.counter(Self.received, "invalid")
        unkeyed = registry.counter(Self.unkeyed)
        misplaced = registry.counter(Self.misplaced)
        repeated = registry.total(Self.skipped, "read_again")
        finishedBefore = registry.total(Self.skipped, "finished_before")
        results = Dictionary(
            uniqueKeysWithValues: Self.allResultLabels.map { labels in
                let category = labels.category?.rawValue ?? "none"
                return (labels, registry.counter(Self.results, labels.status.rawValue, category))
            }
        )
        attempts = registry.histogram(Self.attempts)
        possibleDuplicates = registry.counter(Self.possibleDuplicates)
        latencies = registry.histograms(Self.latency)
    }

    private static var allResultLabels: [ResultLabels] {
        [ResultLabels(status: .sent, category: nil)]
            + SendResult.Status.allCases.filter { $0 != .sent }.flatMap { status in
                ErrorCategory.allCases.map { ResultLabels(status: status, category: $0) }
            }
    }

    func receive(_ kind: MessageKind?, isKeyed: Bool) {
        (kind.flatMap { received[$0] } ?? receivedInvalid).increment()
        if !isKeyed { unkeyed.increment() }
    }

    func misplace() { misplaced.increment() }

    func skip(readAgain: Int, finishedBefore: Int) {
        repeated.reach(readAgain)
        self.finishedBefore.reach(finishedBefore)
    }

    func end(_ result: SendResult) {
        results[ResultLabels(status: result.status, category: result.error?.category)]?.increment()
        attempts.record(result.attempts)
        if result.possibleDuplicate { possibleDuplicates.increment() }
        if let taken = result.latencyMilliseconds { latencies[result.status]?.recordMilliseconds(taken) }
    }
}

extension SendResult {
    /// A request that waited for longer than its topic can have kept it has a timestamp that means something else.
    private static let longestLatency: Int64 = 30 * 86_400_000
    /// The most by which a producer's clock may be ahead.
    private static let clockSkew: Int64 = 60_000

    /// The time from the record's Kafka timestamp to the end, in milliseconds; nil where the timestamp cannot be when it was
    /// written: none at all, one in seconds in place of milliseconds, or one that lies ahead.
    var latencyMilliseconds: Int64? {
        let taken = completedAt.millisecondsSinceEpoch - receivedAt.millisecondsSinceEpoch
        guard receivedAt.millisecondsSinceEpoch > 0, (-Self.clockSkew...Self.longestLatency).contains(taken) else {
            return nil
        }
        return max(taken, 0)
    }
}
