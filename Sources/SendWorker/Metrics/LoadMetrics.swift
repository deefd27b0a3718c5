import SendEngine
import Telemetry

/// What the worker holds at the moment: requests by where they stand, accounts by why they wait.
struct LoadMetrics: Sendable {
    static let waiting = WorkerMetric.gauge("send_worker_requests_waiting", "Requests that wait for their call.")
    static let held = WorkerMetric.gauge("send_worker_records_held", "Records held until their result is durable.")
    static let preparing = WorkerMetric.gauge(
        "send_worker_requests_preparing",
        "Requests whose media are checked before their call."
    )
    static let awaitingMark = WorkerMetric.gauge(
        "send_worker_requests_awaiting_commit",
        "Requests whose call waits for a commit that notes it."
    )
    static let uncommitted = WorkerMetric.gauge(
        "send_worker_results_uncommitted",
        "Requests that ended and whose result is in no commit yet."
    )
    static let accounts = WorkerMetric.gauge(
        "send_worker_accounts",
        labels: ["state"],
        "Accounts that have requests, by why they wait."
    )
    static let knownAccounts = WorkerMetric.gauge(
        "send_worker_accounts_known",
        "Accounts of which something is remembered, with or without requests."
    )

    static let all = [waiting, held, preparing, awaitingMark, uncommitted, accounts, knownAccounts]

    private static let states: [(name: String, count: @Sendable (EngineCensus.Accounts) -> Int)] = [
        ("ready", { $0.ready }), ("limited", { $0.limited }), ("throttled", { $0.cooling }), ("held", { $0.held }),
        ("stopped", { $0.stopped }), ("token_dead", { $0.parked }),
    ]

    let waiting: Gauge
    let held: Gauge
    private let preparing: Gauge
    private let awaitingMark: Gauge
    private let uncommitted: Gauge
    private let accounts: [(gauge: Gauge, count: @Sendable (EngineCensus.Accounts) -> Int)]
    private let knownAccounts: Gauge

    init(_ make: MetricMaker) {
        waiting = make.gauge(Self.waiting)
        held = make.gauge(Self.held)
        preparing = make.gauge(Self.preparing)
        awaitingMark = make.gauge(Self.awaitingMark)
        uncommitted = make.gauge(Self.uncommitted)
        accounts = Self.states.map { (make.gauge(Self.accounts, $0.name), $0.count) }
        knownAccounts = make.gauge(Self.knownAccounts)
    }

    func show(_ census: EngineCensus) {
        preparing.record(census.preparing)
        awaitingMark.record(census.awaitingMark)
        uncommitted.record(census.finished)
        for (gauge, count) in accounts { gauge.record(count(census.accounts)) }
        knownAccounts.record(census.accounts.total)
    }
}
