package import InstagramMessaging
import Metrics
package import PrometheusMetrics
import Synchronization

/// The worker's metrics. Every handler is made once and kept; no label names an account or a request.
package final class WorkerMetrics: Sendable {
    /// What `/metrics` shows.
    package let registry: PrometheusRegistry

    private struct ResultLabels: Hashable {
        var status: SendResult.Status
        var category: ErrorCategory?
    }

    private let received: [MessageKind: Counter]
    private let receivedInvalid: Counter
    private let unkeyed: Counter
    private let results: [ResultLabels: Counter]
    private let latencies: [SendResult.Status: Metrics.Timer]
    private let calls: [OutcomeClass: Counter]
    private let callDuration: Metrics.Timer
    private let inFlight: Gauge
    private let waiting: Gauge
    private let held: Gauge
    private let commitDuration: Metrics.Timer
    private let commitSize: Recorder
    private let commitFailures: Counter
    private let lateOutcomes: Counter
    private let brokerUp: Gauge
    private let restoreDuration: Metrics.Timer
    private let restoredAccounts: Counter
    private let ignoredState: [IgnoredState: Counter]
    private let outstanding = Mutex<[Int32: Gauge]>([:])

    /// - Throws: `InvalidMetricDeclaration` where the declarations contradict each other.
    package init() throws(InvalidMetricDeclaration) {
        registry = try PrometheusRegistry(declaring: WorkerMetricName.declarations)
        let registry = registry
        func counter(_ name: WorkerMetricName, _ labels: [(String, String)] = []) -> Counter {
            Counter(label: name.rawValue, dimensions: labels, factory: registry)
        }
        func timer(_ name: WorkerMetricName, _ labels: [(String, String)] = []) -> Metrics.Timer {
            Metrics.Timer(label: name.rawValue, dimensions: labels, factory: registry)
        }
        func gauge(_ name: WorkerMetricName) -> Gauge {
            Gauge(label: name.rawValue, factory: registry)
        }
        received = Dictionary(
            uniqueKeysWithValues: MessageKind.allCases.map { ($0, counter(.received, [("kind", $0.rawValue)])) }
        )
        receivedInvalid = counter(.received, [("kind", "invalid")])
        unkeyed = counter(.unkeyed)
        results = Dictionary(
            uniqueKeysWithValues: Self.allResultLabels.map { labels in
                let category = labels.category?.rawValue ?? "none"
                return (labels, counter(.results, [("status", labels.status.rawValue), ("category", category)]))
            }
        )
        latencies = Dictionary(
            uniqueKeysWithValues: SendResult.Status.allCases.map { ($0, timer(.latency, [("status", $0.rawValue)])) }
        )
        calls = Dictionary(
            uniqueKeysWithValues: OutcomeClass.allCases.map { ($0, counter(.calls, [("outcome", $0.rawValue)])) }
        )
        callDuration = timer(.callDuration)
        inFlight = gauge(.inFlight)
        waiting = gauge(.waiting)
        held = gauge(.held)
        commitDuration = timer(.commitDuration)
        commitSize = Recorder(label: WorkerMetricName.commitSize.rawValue, aggregate: true, factory: registry)
        commitFailures = counter(.commitFailures)
        lateOutcomes = counter(.lateOutcomes)
        brokerUp = gauge(.brokerUp)
        restoreDuration = timer(.restoreDuration)
        restoredAccounts = counter(.restoredAccounts)
        ignoredState = Dictionary(
            uniqueKeysWithValues: IgnoredState.allCases.map { ($0, counter(.ignoredState, [("cause", $0.rawValue)])) }
        )
    }

    private static var allResultLabels: [ResultLabels] {
        [ResultLabels(status: .sent, category: nil)]
            + SendResult.Status.allCases.filter { $0 != .sent }.flatMap { status in
                ErrorCategory.allCases.map { ResultLabels(status: status, category: $0) }
            }
    }

    // MARK: Requests

    /// A record was read from the requests topic.
    ///
    /// - Parameters:
    ///   - kind: Nil for a record that failed validation.
    ///   - isKeyed: False where the record's key is missing or is not its account.
    package func received(kind: MessageKind?, isKeyed: Bool) {
        (kind.flatMap { received[$0] } ?? receivedInvalid).increment()
        if !isKeyed { unkeyed.increment() }
    }

    /// A request has come to its end and its result is durable.
    package func ended(_ result: SendResult) {
        results[ResultLabels(status: result.status, category: result.error?.category)]?.increment()
        let taken = result.completedAt.millisecondsSinceEpoch - result.receivedAt.millisecondsSinceEpoch
        latencies[result.status]?.recordMilliseconds(max(taken, 0))
    }

    // MARK: Calls

    /// A call has ended. One that was never started is counted, but its duration is not.
    package func callEnded(_ outcome: CallOutcome, nanoseconds: Int64) {
        calls[outcome.outcomeClass]?.increment()
        if outcome.wasStarted { callDuration.recordNanoseconds(max(nanoseconds, 0)) }
    }

    /// Outcomes came for partitions that had been given up meanwhile, and were dropped.
    package func lateOutcomesDropped(_ count: Int) {
        lateOutcomes.increment(by: count)
    }

    // MARK: Commits

    /// A commit has ended, after so long, with so many results in it.
    package func committed(results count: Int, nanoseconds: Int64, succeeded: Bool) {
        commitDuration.recordNanoseconds(max(nanoseconds, 0))
        commitSize.record(count)
        if !succeeded { commitFailures.increment() }
    }

    // MARK: State

    /// The state of an assignment has been read.
    ///
    /// - Parameters:
    ///   - accounts: How many accounts' memories were taken over.
    ///   - ignored: What was not, by cause.
    ///   - nanoseconds: Since the assignment.
    package func restored(accounts: Int, ignored: [IgnoredState: Int], nanoseconds: Int64) {
        restoreDuration.recordNanoseconds(max(nanoseconds, 0))
        restoredAccounts.increment(by: accounts)
        for (cause, count) in ignored { ignoredState[cause]?.increment(by: count) }
    }

    /// How many calls run, requests wait for theirs, and records are held until their result is durable.
    package func setLoad(inFlight: Int, waiting: Int, held: Int) {
        self.inFlight.record(inFlight)
        self.waiting.record(waiting)
        self.held.record(held)
    }

    /// How many requests of each assigned partition are fetched and not finished; other partitions are no longer shown.
    package func setOutstanding(_ counts: [Int32: Int]) {
        outstanding.withLock { gauges in
            for (partition, gauge) in gauges where counts[partition] == nil {
                gauge.destroy()
                gauges[partition] = nil
            }
            for (partition, count) in counts {
                let gauge =
                    gauges[partition]
                    ?? Gauge(
                        label: WorkerMetricName.outstanding.rawValue,
                        dimensions: [("partition", "\(partition)")],
                        factory: registry
                    )
                gauges[partition] = gauge
                gauge.record(count)
            }
        }
    }

    /// Whether a Kafka broker can be reached.
    package func setBrokerUp(_ isUp: Bool) {
        brokerUp.record(isUp ? 1 : 0)
    }
}
