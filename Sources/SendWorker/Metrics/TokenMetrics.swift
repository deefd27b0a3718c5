import Telemetry

/// What became of tokens that were to be refreshed.
struct TokenMetrics: Sendable {
    static let refreshes = MetricDeclaration.counter(
        "send_worker_token_refreshes_total",
        labels: ["result"],
        "Attempts to refresh an access token, by what came of it."
    )

    static let all = [refreshes]

    private let refreshes: [TokenRefresher.Outcome: Counter]

    init(_ registry: MetricsRegistry) { refreshes = registry.counters(Self.refreshes) }

    func refresh(_ outcome: TokenRefresher.Outcome) { refreshes[outcome]?.increment() }
}
