import Synchronization

/// Keeps the process' metrics and writes them in Prometheus' text format. It is a swift-metrics backend: handlers of
/// the same name and labels share one series.
///
/// Nothing here fails at run time: a metric that conflicts with another one of its name, or that would be one series
/// too many, gets a handler that is not exposed, and ``problems`` tells.
package final class PrometheusRegistry: Sendable {
    /// The content type of ``render()``.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Upper bounds for histograms that declare none: 1 ms to 60 s, meant for seconds.
    package static let defaultBuckets: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]

    private struct State {
        var families: [String: MetricFamily] = [:]
        var problems: Set<String> = []
    }

    private let state: Mutex<State>
    private let maximumSeriesPerMetric: Int

    /// Creates a registry. Metrics that are not declared come up when they are first used, without a help text.
    package init(
        declaring declarations: [MetricDeclaration] = [],
        maximumSeriesPerMetric: Int = 2_000
    ) throws(InvalidMetricDeclaration) {
        var families: [String: MetricFamily] = [:]
        for declaration in declarations {
            try declaration.check()
            guard families[declaration.name] == nil else {
                throw InvalidMetricDeclaration(name: declaration.name, reason: "is declared twice; declare it once")
            }
            families[declaration.name] = MetricFamily(declaration: declaration, isDeclared: true)
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
        let family = state.withLock { $0.families[MetricName.sanitised(name)] }
        guard let family else { return nil }
        return family.series[LabelSet(labels, reserved: family.declaration.type.reservedLabel)]?.value
    }

    /// Metrics that are not exposed and why, each once, sorted.
    package var problems: [String] { state.withLock { $0.problems.sorted() } }
}

extension PrometheusRegistry {
    func counter(_ label: String, _ dimensions: [(String, String)]) -> CounterSeries {
        series(label, dimensions, type: .counter) { _ in CounterSeries() }
    }

    func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeSeries {
        series(label, dimensions, type: .gauge) { _ in GaugeSeries() }
    }

    func histogram(_ label: String, _ dimensions: [(String, String)]) -> HistogramSeries {
        series(label, dimensions, type: .histogram) { declaration in
            HistogramSeries(
                bounds: declaration.buckets ?? Self.defaultBuckets,
                perNanosecond: (declaration.unit ?? .seconds).perNanosecond
            )
        }
    }

    /// The series of that name and labels, a new one where there is none. One that cannot be exposed stands alone.
    private func series<S: Series>(
        _ label: String,
        _ dimensions: [(String, String)],
        type: MetricType,
        make: (MetricDeclaration) -> S
    ) -> S {
        let name = MetricName.sanitised(label)
        let labels = LabelSet(dimensions, reserved: type.reservedLabel)
        return state.withLock { state in
            let undeclared = MetricDeclaration(name: name, help: "", type: type)
            let family = state.families[name] ?? MetricFamily(declaration: undeclared, isDeclared: false)
            if let problem = problem(of: family, type: type, labels: labels) {
                state.problems.insert(problem)
                return make(undeclared)
            }
            if let series = family.series[labels] as? S { return series }
            let series = make(family.declaration)
            state.families[name, default: family].series[labels] = series
            return series
        }
    }

    /// Takes a series out of the exposition; handlers that still hold it go on without effect.
    func remove(_ series: any Series) {
        state.withLock { state in
            for (name, family) in state.families {
                guard let labels = family.series.first(where: { $0.value === series })?.key else { continue }
                state.families[name]?.series[labels] = nil
                return
            }
        }
    }

    private func problem(of family: MetricFamily, type: MetricType, labels: LabelSet) -> String? {
        let declaration = family.declaration
        if declaration.type != type {
            return "\(declaration.name) is a \(declaration.type.rawValue) and is also used as a \(type.rawValue)"
        }
        if family.series[labels] == nil, family.series.count >= maximumSeriesPerMetric {
            return "\(declaration.name) has \(maximumSeriesPerMetric) series; more are not exposed"
        }
        return nil
    }
}

extension MetricType {
    /// The label the exposition of this type needs for itself.
    var reservedLabel: String? { self == .histogram ? "le" : nil }
}
