import SendEngine
import Telemetry

/// What the worker holds at the moment: requests by where they stand, accounts by why they wait.
struct LoadMetrics: Sendable {
    static let waiting = MetricDeclaration.gauge("send_worker_requests_waiting", "Requests that wait for their call.")
    static let held = MetricDeclaration.gauge("send_worker_records_held", "Records held until their result is durable.")
    static let preparing = MetricDeclaration.gauge(
        "send_worker_requests_preparing",
        "Requests whose media are checked before their call."
    )
    static let awaitingMark = MetricDeclaration.gauge(
        "send_worker_requests_awaiting_commit",
        "Requests whose call waits for a commit that notes it."
    )
    static let inDoubt = MetricDeclaration.gauge(
        "send_worker_messages_in_doubt",
        "Messages that are called, or ended and not durable: what a sudden death could send twice."
    )
    static let uncommitted = MetricDeclaration.gauge(
        "send_worker_results_uncommitted",
        "Requests that ended and whose result is in no commit yet."
    )
    static let accounts = MetricDeclaration.gauge(
        "send_worker_accounts",
        labels: ["state"],
        "Accounts that have requests, by why they wait."
    )
    static let knownAccounts = MetricDeclaration.gauge(
        "send_worker_accounts_known",
        "Accounts of which something is remembered, with or without requests."
    )

    static let all = [waiting, held, preparing, awaitingMark, inDoubt, uncommitted, accounts, knownAccounts]

    private static let states: [(name: String, count: @Sendable (EngineCensus.Accounts) -> Int)] = [
        ("ready", { $0.ready }), ("limited", { $0.limited }), ("throttled", { $0.cooling }), ("held", { $0.held }),
        ("stopped", { $0.stopped }), ("token_dead", { $0.parked }),
    ]

    let waiting: Gauge
    let held: Gauge
    private let preparing: Gauge
    private let awaitingMark: Gauge
    private let inDoubt: Gauge
    private let uncommitted: Gauge
    private let accounts: [(gauge: Gauge, count: @Sendable (EngineCensus.Accounts) -> Int)]
    private let knownAccounts: Gauge

    init(_ registry: MetricsRegistry) {
        waiting = registry.gauge(Self.waiting)
        held = registry.gauge(Self.held)
        preparing = registry.gauge(Self.preparing)
        awaitingMark = registry.gauge(Self.awaitingMark)
        inDoubt = registry.gauge(Self.inDoubt)
        uncommitted = registry.gauge(Self.uncommitted)
        accounts = Self.states.map { (registry.gauge(Self.accounts, $0.name), $0.count) }
        knownAccounts = registry.gauge(Self.knownAccounts)
    }

    func show(_ census: EngineCensus) {
        preparing.record(census.preparing)
        awaitingMark.record(census.awaitingMark)
        inDoubt.record(census.inDoubt)
        uncommitted.record(census.finished)
        for (gauge, count) in accounts { gauge.record(count(census.accounts)) }
        knownAccounts.record(census.accounts.total)
    }
}
