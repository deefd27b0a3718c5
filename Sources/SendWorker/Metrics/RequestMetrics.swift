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

    private let misplaced: Counter
    private let repeated: RunningTotal
    private let finishedBefore: RunningTotal

    init(_ registry: MetricsRegistry) {
        misplaced = registry.counter(Self.misplaced)
        repeated = registry.total(Self.skipped, "read_again")
        finishedBefore = registry.total(Self.skipped, "finished_before")
    }

    func misplace() { misplaced.increment() }

    func skip(readAgain: Int, finishedBefore: Int) {
        repeated.reach(readAgain)
        self.finishedBefore.reach(finishedBefore)
    }
}

/// The counts of requests and results that one owner keeps.
struct RequestCounts {
    private let received: LabelTable<MessageKind, OwnedCounter>
    private let receivedInvalid: OwnedCounter
    private let unkeyed: OwnedCounter
    private let sent: OwnedCounter
    /// The results that were not sent.
    private let unsent: LabelTable<SendResult.Status, LabelTable<ErrorCategory, OwnedCounter>>
    private let attempts: OwnedHistogram
    private let possibleDuplicates: OwnedCounter
    private let latencies: LabelTable<SendResult.Status, OwnedHistogram>

    init(_ registry: MetricsRegistry) {
        received = registry.ownedCounters(RequestMetrics.received)
        receivedInvalid = registry.counter(RequestMetrics.received, "invalid").makeOwned()
        unkeyed = registry.counter(RequestMetrics.unkeyed).makeOwned()
        sent = registry.counter(RequestMetrics.results, SendResult.Status.sent.rawValue, "none").makeOwned()
        unsent = LabelTable(SendResult.Status.allCases.filter { $0 != .sent }) { status in
            LabelTable { category in
                registry.counter(RequestMetrics.results, status.rawValue, category.rawValue).makeOwned()
            }
        }
        attempts = registry.histogram(RequestMetrics.attempts).makeOwned()
        possibleDuplicates = registry.counter(RequestMetrics.possibleDuplicates).makeOwned()
        latencies = registry.ownedHistograms(RequestMetrics.latency)
    }

    func receive(_ kind: MessageKind?, isKeyed: Bool) {
        (kind.flatMap { received[$0] } ?? receivedInvalid).increment()
        if !isKeyed { unkeyed.increment() }
    }

    func end(_ result: SendResult) {
        if let category = result.error?.category {
            unsent[result.status]?[category]?.increment()
        } else if result.status == .sent {
            sent.increment()
        }
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
