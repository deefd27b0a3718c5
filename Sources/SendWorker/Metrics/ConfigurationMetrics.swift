import Telemetry

/// What became of configurations that were read while the worker ran.
struct ConfigurationMetrics: Sendable {
    static let reloads = MetricDeclaration.counter(
        "send_worker_configuration_reloads_total",
        labels: ["result"],
        "Times that the configuration was read again, by what came of it."
    )

    static let all = [reloads]

    private let reloads: [ConfigurationWatch.Outcome: Counter]

    init(_ registry: MetricsRegistry) { reloads = registry.counters(Self.reloads) }

    func reload(_ outcome: ConfigurationWatch.Outcome) { reloads[outcome]?.increment() }
}
