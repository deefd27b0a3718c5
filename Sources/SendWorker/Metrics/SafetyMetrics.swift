import SendEngine
import Telemetry

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
