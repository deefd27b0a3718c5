import Synchronization
import Telemetry

/// Partitions of the requests topic: who has them, and how far behind they are.
final class PartitionMetrics: Sendable {
    /// A change of this replica's partitions.
    enum Change: String, CaseIterable {
        case assigned, revoked, lost
    }

    static let assigned = MetricDeclaration.gauge(
        "send_worker_partitions_assigned",
        "Partitions that this replica owns."
    )
    static let paused = MetricDeclaration.gauge(
        "send_worker_partitions_paused",
        "Partitions not fetched because enough of their requests are outstanding."
    )
    static let restoring = MetricDeclaration.gauge(
        "send_worker_partitions_restoring",
        "Partitions whose state is still being read; nothing of them is sent."
    )
    static let changes = MetricDeclaration.counter(
        "send_worker_partition_changes_total",
        labels: ["change"],
        "Partitions that were assigned, revoked in order, or lost."
    )
    static let deletedUnread = MetricDeclaration.counter(
        "send_worker_deleted_unread_offsets_total",
        "Offsets that the requests topic deleted before they were read."
    )
    static let outstanding = MetricDeclaration.gauge(
        "send_worker_requests_outstanding",
        labels: ["partition"],
        "Requests fetched and not finished, by partition."
    )
    static let lag = MetricDeclaration.gauge(
        "send_worker_partition_lag",
        labels: ["partition"],
        "Offsets between what is committed and the end of the partition."
    )
    static let fetchLag = MetricDeclaration.gauge(
        "send_worker_partition_fetch_lag",
        labels: ["partition"],
        "Offsets between what was fetched and the end of the partition."
    )

    static let all = [assigned, paused, restoring, changes, deletedUnread, outstanding, lag, fetchLag]

    /// The knowledge of partitions from both sides.
    private struct State {
        var owned: Set<Int32> = []
        var committed: [Int32: Int64] = [:]
        var logs: [Int32: KafkaStatistics.Log] = [:]
    }

    private let state = Mutex(State())
    private let assigned: Gauge
    private let paused: Gauge
    private let restoring: Gauge
    private let changes: LabelTable<Change, Counter>
    private let deletedUnread: Counter
    private let outstanding: ChangingGauges<Int32>
    private let lag: ChangingGauges<Int32>
    private let fetchLag: ChangingGauges<Int32>

    init(_ registry: MetricsRegistry) {
        assigned = registry.gauge(Self.assigned)
        paused = registry.gauge(Self.paused)
        restoring = registry.gauge(Self.restoring)
        changes = registry.counters(Self.changes)
        deletedUnread = registry.counter(Self.deletedUnread)
        outstanding = ChangingGauges(Self.outstanding, in: registry) { ["\($0)"] }
        lag = ChangingGauges(Self.lag, in: registry) { ["\($0)"] }
        fetchLag = ChangingGauges(Self.fetchLag, in: registry) { ["\($0)"] }
    }

    /// The starts and ends of the partitions, as librdkafka said last.
    var logs: [Int32: KafkaStatistics.Log] { state.withLock(\.logs) }

    func count(_ change: Change, of partitions: Int) { changes[change]?.increment(by: partitions) }

    func countDeleted(_ offsets: Int) { deletedUnread.increment(by: offsets) }

    func setPaused(_ count: Int) { paused.record(count) }

    func setRestoring(_ count: Int) { restoring.record(count) }

    /// Takes the engine loop's side: what it owns, with what is outstanding, and what is committed.
    func show(outstanding counts: [Int32: Int], committed: [Int32: Int64]) {
        outstanding.show(counts)
        assigned.record(counts.count)
        state.withLock { state in
            state.owned = Set(counts.keys)
            state.committed = committed
            showLags(state)
        }
    }

    /// Takes librdkafka's side.
    func show(_ logs: [Int32: KafkaStatistics.Log]) {
        state.withLock { state in
            state.logs = logs
            showLags(state)
        }
    }

    private func showLags(_ state: State) {
        var lags: [Int32: Int64] = [:]
        var fetchLags: [Int32: Int64] = [:]
        for partition in state.owned {
            guard let log = state.logs[partition] else { continue }
            fetchLags[partition] = log.lag
            // Without a committed offset the group begins at the log's first record.
            guard let end = log.end, let start = state.committed[partition] ?? log.start else { continue }
            lags[partition] = max(end - start, 0)
        }
        lag.show(lags)
        fetchLag.show(fetchLags)
    }
}
