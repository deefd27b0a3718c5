import SendEngine
import Telemetry

/// The requests and accounts held at the moment: requests by where they stand, accounts by why they wait.
struct LoadMetrics: Sendable {
    static let waiting = MetricDeclaration.gauge("send_worker_requests_waiting", "Requests that wait for their call.")
    static let pending = MetricDeclaration.gauge(
        "send_worker_records_held",
        "Records held until their result is durable."
    )
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

    static let all = [waiting, pending, preparing, awaitingMark, inDoubt, uncommitted, accounts, knownAccounts]

    private static let states: [(name: String, count: @Sendable (EngineCensus.Accounts) -> Int)] = [
        ("ready", { $0.ready }), ("limited", { $0.limited }), ("throttled", { $0.cooling }), ("held", { $0.held }),
        ("stopped", { $0.stopped }), ("token_dead", { $0.parked }),
    ]

    let waiting: Gauge
    let pending: Gauge
    private let preparing: Gauge
    private let awaitingMark: Gauge
    private let inDoubt: Gauge
    private let uncommitted: Gauge
    private let accounts: [(gauge: Gauge, count: @Sendable (EngineCensus.Accounts) -> Int)]
    private let knownAccounts: Gauge

    init(_ registry: MetricsRegistry) {
        waiting = registry.gauge(Self.waiting)
        pending = registry.gauge(Self.pending)
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

/// The waits for limits.
struct LimitMetrics: Sendable {
    static let waits = MetricDeclaration.counter(
        "send_worker_limit_waits_total",
        labels: ["limit"],
        "How often an account with something to send had to begin to wait for a limit."
    )

    static let all = [waits]

    private let waits: [(limit: LimitName, total: RunningTotal)]

    init(_ registry: MetricsRegistry) {
        waits = LimitName.allCases.map { ($0, registry.total(Self.waits, $0.label)) }
    }

    func show(_ census: EngineCensus) {
        for (limit, total) in waits { total.reach(census.totals.limitWaits[limit]) }
    }
}

extension LimitName {
    /// The limit as the metrics name it.
    fileprivate var label: String {
        switch self {
        case .messagesPerSecond: "messages_per_second"
        case .mediaPerSecond: "media_per_second"
        case .privateRepliesPerHour: "private_replies_per_hour"
        case .conversation: "conversation"
        case .worker: "worker"
        }
    }
}

/// Whether the worker has paused because too many accounts cannot send, and how near it is to that.
struct SafetyMetrics: Sendable {
    static let paused = MetricDeclaration.gauge(
        "send_worker_sending_paused",
        "1 while sending is paused because too many accounts cannot send, else 0."
    )
    static let pauses = MetricDeclaration.counter(
        "send_worker_sending_pauses_total",
        "How often sending was paused because too many accounts could not send."
    )
    static let accounts = MetricDeclaration.gauge(
        "send_worker_safety_accounts",
        labels: ["state"],
        "Accounts by how their calls ended within safety.window; during a pause as it was at its start."
    )

    static let all = [paused, pauses, accounts]

    private let paused: Gauge
    private let pauses: RunningTotal
    private let failing: Gauge
    private let active: Gauge

    init(_ registry: MetricsRegistry) {
        paused = registry.gauge(Self.paused)
        pauses = registry.total(Self.pauses)
        failing = registry.gauge(Self.accounts, "failing")
        active = registry.gauge(Self.accounts, "active")
    }

    func show(_ safety: EngineCensus.Safety) {
        paused.record(safety.state == .sending ? 0 : 1)
        pauses.reach(safety.pauses)
        failing.record(safety.failing)
        active.record(safety.active)
    }
}
