import SendEngine
import Telemetry

/// The end of a try to make a delivery durable, as metrics name it.
package enum CommitEnd: String, Sendable, Hashable, CaseIterable {
    case committed
    /// The results are durable, the offsets are not.
    case offsetsPending = "offsets_owed"
    /// Nothing is durable; it is tried again.
    case nothing
    /// Nothing is, and the worker has to be restarted.
    case refused

    init(_ result: Result<CommitOutcome, CommitError>) {
        switch result {
        case .success(.committed): self = .committed
        case .success(.offsetsPending), .success(.offsetsRefused): self = .offsetsPending
        case .success(.nothing), .success(.notOurs): self = .nothing
        case .failure: self = .refused
        }
    }

    /// Whether the results are durable.
    var isDurable: Bool { self == .committed || self == .offsetsPending }
}

/// The end of a Kafka transaction.
package enum TransactionEnd: String, Sendable, Hashable, CaseIterable {
    case committed
    /// Given up; its outcomes go into the next one.
    case aborted
    /// A call in it did not end in time: the producer was replaced.
    case timedOut = "timed_out"
    /// The brokers let this replica commit no more.
    case fenced
}

/// The purpose of a record that was written smaller than it is.
package enum SubstitutedRecord: String, Sendable, Hashable, CaseIterable {
    case results
    case deadLetters = "dead_letters"
}

/// Commits, and the state that they leave for the next owner.
struct CommitMetrics: Sendable {
    static let duration = MetricDeclaration.histogram(
        "send_worker_commit_duration_seconds",
        unit: .seconds,
        "Time that a commit took."
    )
    static let size = MetricDeclaration.histogram(
        "send_worker_commit_results",
        buckets: [0, 1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000],
        "Results in one commit."
    )
    static let ends = MetricDeclaration.counter(
        "send_worker_commits_total",
        labels: ["outcome"],
        "Commits tried, by what became of them."
    )
    static let failures = MetricDeclaration.counter("send_worker_commit_failures_total", "Commits that failed.")
    static let overdue = MetricDeclaration.gauge(
        "send_worker_commit_overdue_seconds",
        unit: .seconds,
        "Since when something waits to be committed without success; 0 while commits succeed."
    )
    static let transactions = MetricDeclaration.counter(
        "send_worker_transactions_total",
        labels: ["end"],
        "Kafka transactions by how they ended; none under at_least_once."
    )
    static let substitutes = MetricDeclaration.counter(
        "send_worker_substituted_records_total",
        labels: ["topic"],
        "Results and dead letters that were larger than their topic takes and were written without what did not fit."
    )
    static let restore = MetricDeclaration.histogram(
        "send_worker_restore_seconds",
        unit: .seconds,
        buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
        "Time from an assignment to the end of reading its state."
    )
    static let restoredAccounts = MetricDeclaration.counter(
        "send_worker_restored_accounts_total",
        "Accounts of which an earlier owner's memory was taken over."
    )
    static let ignoredState = MetricDeclaration.counter(
        "send_worker_ignored_state_total",
        labels: ["cause"],
        "What was not taken over from the state topic, by cause."
    )

    static let all = [
        duration, size, ends, failures, overdue, transactions, substitutes, restore, restoredAccounts, ignoredState,
    ]

    private let overdue: Gauge
    private let transactions: LabelTable<TransactionEnd, Counter>
    private let substitutes: LabelTable<SubstitutedRecord, Counter>
    private let restore: Histogram
    private let restoredAccounts: Counter
    private let ignoredState: LabelTable<IgnoredState, Counter>

    init(_ registry: MetricsRegistry) {
        overdue = registry.gauge(Self.overdue)
        transactions = registry.counters(Self.transactions)
        substitutes = registry.counters(Self.substitutes)
        restore = registry.histogram(Self.restore)
        restoredAccounts = registry.counter(Self.restoredAccounts)
        ignoredState = registry.counters(Self.ignoredState)
    }

    func end(_ transaction: TransactionEnd) { transactions[transaction]?.increment() }

    func substitute(_ record: SubstitutedRecord) { substitutes[record]?.increment() }

    func setOverdue(nanoseconds: Int64) { overdue.record(nanoseconds: nanoseconds) }

    func restored(accounts: Int, ignored: [IgnoredState: Int], nanoseconds: Int64) {
        restore.recordNanoseconds(max(nanoseconds, 0))
        restoredAccounts.increment(by: accounts)
        for (cause, count) in ignored { ignoredState[cause]?.increment(by: count) }
    }
}

/// The counts of commits that one owner keeps.
struct CommitCounts {
    private let duration: OwnedHistogram
    private let size: OwnedHistogram
    private let ends: LabelTable<CommitEnd, OwnedCounter>
    private let failures: OwnedCounter

    init(_ registry: MetricsRegistry) {
        duration = registry.histogram(CommitMetrics.duration).makeOwned()
        size = registry.histogram(CommitMetrics.size).makeOwned()
        ends = registry.ownedCounters(CommitMetrics.ends)
        failures = registry.counter(CommitMetrics.failures).makeOwned()
    }

    func end(_ end: CommitEnd, results count: Int, nanoseconds: Int64) {
        duration.recordNanoseconds(max(nanoseconds, 0))
        size.record(count)
        ends[end]?.increment()
        if !end.isDurable { failures.increment() }
    }
}
