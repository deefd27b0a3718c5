import Telemetry

/// What became of a finished span, as metrics name it.
enum SpanEnd: String, Sendable, Hashable, CaseIterable {
    /// The collector took it.
    case exported
    /// There was no room for it, or no time left at the worker's end.
    case dropped
    /// The collector refused it, or was away for too long.
    case failed
}

/// Spans on their way to the collector.
struct TracingMetrics: Sendable {
    static let spans = MetricDeclaration.counter(
        "send_worker_spans_total",
        labels: ["result"],
        "Finished spans, by what became of them; none without tracing.endpoint."
    )

    static let all = [spans]

    private let spans: [SpanEnd: Counter]

    init(_ registry: MetricsRegistry) { spans = registry.counters(Self.spans) }

    func end(_ end: SpanEnd, _ count: Int) { spans[end]?.increment(by: count) }
}
