import SendEngine
import Telemetry

/// Which limits make requests wait.
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
        for (limit, total) in waits { total.reach(census.limitWaits[limit]) }
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
