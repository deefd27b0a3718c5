import Synchronization

/// Keeps the process' metrics and writes them in Prometheus' text format. Whoever asks for the same metric and label
/// values gets the same series.
///
/// Nothing here fails once the registry is made: a series of a metric that was not declared so, or that would be one too
/// many, is not exposed, and ``problems`` tells.
package final class MetricsRegistry: Sendable {
    /// The content type of ``render()``.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private struct State {
        var families: [String: MetricFamily] = [:]
        var problems: Set<String> = []
    }

    private let state: Mutex<State>
    private let maximumSeriesPerMetric: Int

    /// Creates a registry for metrics that are known beforehand.
    package init(
        declaring declarations: [MetricDeclaration],
        maximumSeriesPerMetric: Int = 2_000
    ) throws(InvalidMetricDeclaration) {
        var families: [String: MetricFamily] = [:]
        var sampleNames: Set<String> = []
        for declaration in declarations {
            try declaration.check()
            guard families[declaration.name] == nil else {
                throw declaration.refusal("is declared twice; declare it once")
            }
            families[declaration.name] = MetricFamily(declaration)
            for name in declaration.sampleNames {
                guard sampleNames.insert(name).inserted else {
                    throw declaration.refusal("has samples \"\(name)\", and so has another metric; rename one of them")
                }
            }
        }
        self.state = Mutex(State(families: families))
        self.maximumSeriesPerMetric = maximumSeriesPerMetric
    }

    /// All series in the text format 0.0.4, sorted by name and labels. Metrics without a series are left out.
    package func render() -> [UInt8] {
        let families = state.withLock { $0.families }
        var writer = ExpositionWriter()
        for (_, family) in families.sorted(by: { $0.key < $1.key }) {
            family.write(to: &writer)
        }
        return writer.bytes
    }

    /// ``render()`` as text.
    package func renderText() -> String { String(decoding: render(), as: UTF8.self) }

    /// The current value of one series, a histogram's number of observations; nil where there is no such series.
    package func value(of name: String, labels: [(String, String)] = []) -> Double? {
        let labels = LabelSet(labels.map { (name: $0.0, value: $0.1) })
        return state.withLock { $0.families[name]?.series[labels] }?.value
    }

    /// Series that are not exposed and why, each once, sorted.
    package var problems: [String] { state.withLock { $0.problems.sorted() } }
}

extension MetricsRegistry {
    /// The counter with such values of the metric's labels, in their order.
    package func counter(_ metric: MetricDeclaration, _ values: String...) -> Counter {
        series(metric, values, type: .counter) { _ in Counter() }
    }

    /// A counter whose source tells its total.
    package func total(_ metric: MetricDeclaration, _ values: String...) -> RunningTotal {
        RunningTotal(series(metric, values, type: .counter) { _ in Counter() })
    }

    /// The gauge with such values of the metric's labels, in their order.
    package func gauge(_ metric: MetricDeclaration, _ values: String...) -> Gauge { gauge(metric, values: values) }

    func gauge(_ metric: MetricDeclaration, values: [String]) -> Gauge {
        series(metric, values, type: .gauge) { _ in Gauge() }
    }

    /// The histogram with such values of the metric's labels, in their order.
    package func histogram(_ metric: MetricDeclaration, _ values: String...) -> Histogram {
        series(metric, values, type: .histogram) { Histogram($0.buckets) }
    }

    /// Takes the series with such values of the metric's labels out; handles that are still held have no effect then.
    package func remove(_ metric: MetricDeclaration, _ values: String...) { remove(metric, values: values) }

    func remove(_ metric: MetricDeclaration, values: [String]) {
        let labels = LabelSet(zip(metric.labels, values).map { (name: $0, value: $1) })
        state.withLock { $0.families[metric.name]?.series[labels] = nil }
    }

    /// The series of that metric and labels, a new one where there is none. One that cannot be exposed stands alone.
    private func series<S: Series>(
        _ metric: MetricDeclaration,
        _ values: [String],
        type: MetricType,
        make: (MetricFamily) -> S
    ) -> S {
        let labels = LabelSet(zip(metric.labels, values).map { (name: $0, value: $1) })
        return state.withLock { state in
            guard let family = state.families[metric.name], family.declaration == metric else {
                state.problems.insert("\(metric.name) is not declared, or otherwise")
                return make(MetricFamily(metric))
            }
            if let problem = problem(of: family, type: type, values: values, labels: labels) {
                state.problems.insert("\(metric.name) \(problem)")
                return make(family)
            }
            if let series = family.series[labels] as? S { return series }
            let series = make(family)
            state.families[metric.name]?.series[labels] = series
            return series
        }
    }

    private func problem(of family: MetricFamily, type: MetricType, values: [String], labels: LabelSet) -> String? {
        let metric = family.declaration
        if metric.type != type { return "is a \(metric.type.rawValue) and is also used as a \(type.rawValue)" }
        if metric.labels.count != values.count { return "has labels \(metric.labels), but was given values \(values)" }
        if family.series[labels] == nil, family.series.count >= maximumSeriesPerMetric {
            return "has \(maximumSeriesPerMetric) series; more are not exposed"
        }
        return nil
    }
}

extension MetricsRegistry {
    /// A counter for each case of the metric's one label.
    package func counters<Label: MetricLabel>(_ metric: MetricDeclaration) -> LabelTable<Label, Counter> {
        LabelTable { counter(metric, $0.rawValue) }
    }

    /// A gauge for each case of the metric's one label.
    package func gauges<Label: MetricLabel>(_ metric: MetricDeclaration) -> [Label: Gauge] {
        Dictionary(uniqueKeysWithValues: Label.allCases.map { ($0, gauge(metric, $0.rawValue)) })
    }

    /// One owner's part of the counter for each case of the metric's one label.
    package func ownedCounters<Label: MetricLabel>(_ metric: MetricDeclaration) -> LabelTable<Label, OwnedCounter> {
        LabelTable { counter(metric, $0.rawValue).makeOwned() }
    }

    /// One owner's part of the histogram for each case of the metric's one label.
    package func ownedHistograms<Label: MetricLabel>(_ metric: MetricDeclaration) -> LabelTable<Label, OwnedHistogram> {
        LabelTable { histogram(metric, $0.rawValue).makeOwned() }
    }
}

/// A metric with its series.
struct MetricFamily {
    let declaration: MetricDeclaration
    /// Made once for all its series.
    let buckets: HistogramBuckets
    var series: [LabelSet: any Series] = [:]

    init(_ declaration: MetricDeclaration) {
        self.declaration = declaration
        buckets = HistogramBuckets(bounds: declaration.buckets, unit: declaration.unit)
    }

    func write(to writer: inout ExpositionWriter) {
        guard !series.isEmpty else { return }
        writer.writeHead(declaration)
        for (labels, series) in series.sorted(by: { $0.key < $1.key }) {
            series.write(declaration.name, labels: labels, to: &writer)
        }
    }
}

/// One series of a metric: what is shared by all who asked for the same metric and label values.
protocol Series: AnyObject, Sendable {
    /// Writes the series' samples.
    func write(_ name: String, labels: LabelSet, to writer: inout ExpositionWriter)
    /// The current value; a histogram's number of observations.
    var value: Double { get }
}
