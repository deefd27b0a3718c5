import Telemetry

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
