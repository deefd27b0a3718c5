import Telemetry

/// A metric of the worker as it is declared, with the names of its labels.
struct WorkerMetric: Sendable, Hashable {
    let declaration: MetricDeclaration
    let labels: [String]

    var name: String { declaration.name }

    private init(_ declaration: MetricDeclaration, _ labels: [String]) {
        self.declaration = declaration
        self.labels = labels
    }

    static func counter(
        _ name: String,
        labels: [String] = [],
        unit: MetricUnit? = nil,
        _ help: String
    ) -> WorkerMetric {
        WorkerMetric(MetricDeclaration(name: name, help: help, type: .counter, unit: unit), labels)
    }

    static func gauge(_ name: String, labels: [String] = [], unit: MetricUnit? = nil, _ help: String) -> WorkerMetric {
        WorkerMetric(MetricDeclaration(name: name, help: help, type: .gauge, unit: unit), labels)
    }

    /// - Parameter buckets: Upper bounds; nil for 1 ms to 60 s.
    static func histogram(
        _ name: String,
        labels: [String] = [],
        unit: MetricUnit? = nil,
        buckets: [Double]? = nil,
        _ help: String
    ) -> WorkerMetric {
        let declaration = MetricDeclaration(name: name, help: help, type: .histogram, unit: unit, buckets: buckets)
        return WorkerMetric(declaration, labels)
    }
}

/// Makes the handlers of declared metrics.
struct MetricMaker: Sendable {
    let registry: PrometheusRegistry

    /// - Parameter values: Those of the metric's labels, in their order.
    func counter(_ metric: WorkerMetric, _ values: String...) -> Counter {
        Counter(label: metric.name, dimensions: dimensions(metric, values), factory: registry)
    }

    /// A counter for each case of the metric's one label.
    func counters<Label: CaseIterable & Hashable & RawRepresentable<String>>(_ metric: WorkerMetric) -> [Label: Counter]
    {
        handlers { counter(metric, $0) }
    }

    /// A gauge for each case of the metric's one label.
    func gauges<Label: CaseIterable & Hashable & RawRepresentable<String>>(_ metric: WorkerMetric) -> [Label: Gauge] {
        handlers { gauge(metric, $0) }
    }

    /// A timer for each case of the metric's one label.
    func timers<Label: CaseIterable & Hashable & RawRepresentable<String>>(
        _ metric: WorkerMetric
    ) -> [Label: Metrics.Timer] {
        handlers { timer(metric, $0) }
    }

    private func handlers<Label: CaseIterable & Hashable & RawRepresentable<String>, Handler>(
        _ make: (String) -> Handler
    ) -> [Label: Handler] {
        Dictionary(uniqueKeysWithValues: Label.allCases.map { ($0, make($0.rawValue)) })
    }

    /// A counter of which the source tells its total.
    func total(_ metric: WorkerMetric, _ values: String...) -> RunningTotal {
        RunningTotal(
            FloatingPointCounter(label: metric.name, dimensions: dimensions(metric, values), factory: registry)
        )
    }

    func gauge(_ metric: WorkerMetric, _ values: String...) -> Gauge {
        Gauge(label: metric.name, dimensions: dimensions(metric, values), factory: registry)
    }

    func timer(_ metric: WorkerMetric, _ values: String...) -> Metrics.Timer {
        Metrics.Timer(label: metric.name, dimensions: dimensions(metric, values), factory: registry)
    }

    func histogram(_ metric: WorkerMetric, _ values: String...) -> Recorder {
        Recorder(label: metric.name, dimensions: dimensions(metric, values), aggregate: true, factory: registry)
    }

    /// Gauges that come and go, one for each value of the metric's labels.
    func changingGauges<Key: Hashable & Sendable>(
        _ metric: WorkerMetric,
        values: @escaping @Sendable (Key) -> [String]
    ) -> ChangingGauges<Key> {
        ChangingGauges { key in
            Gauge(label: metric.name, dimensions: dimensions(metric, values(key)), factory: registry)
        }
    }

    private func dimensions(_ metric: WorkerMetric, _ values: [String]) -> [(String, String)] {
        Array(zip(metric.labels, values))
    }
}

extension Gauge {
    /// Shows a time in seconds.
    func record(nanoseconds: Int64) { record(Double(max(nanoseconds, 0)) / 1e9) }
}
