import Synchronization

/// A gauge: the last value that was recorded.
package final class Gauge: Series {
    private let current = AtomicDouble(0)

    init() {}

    package func record(_ value: Double) { current.store(value) }

    package func record(_ value: some BinaryInteger) { current.store(Double(value)) }

    /// Shows a time in seconds.
    package func record(nanoseconds: Int64) { record(Double(max(nanoseconds, 0)) / 1e9) }

    var value: Double { current.load() }

    func write(_ name: String, labels: LabelSet, to writer: inout ExpositionWriter) {
        writer.writeSample(name, labels: labels.text, value: ExpositionWriter.text(value))
    }
}

/// Gauges of one metric for things that come and go, such as partitions: those that are not named any more vanish.
package final class ChangingGauges<Key: Hashable & Sendable>: Sendable {
    private let registry: MetricsRegistry
    private let metric: MetricDeclaration
    private let values: @Sendable (Key) -> [String]
    private let gauges = Mutex<[Key: Gauge]>([:])

    /// - Parameter values: The values of the metric's labels for a key, in their order.
    package init(
        _ metric: MetricDeclaration,
        in registry: MetricsRegistry,
        values: @escaping @Sendable (Key) -> [String]
    ) {
        self.metric = metric
        self.registry = registry
        self.values = values
    }

    package func show(_ values: [Key: Double]) {
        gauges.withLock { gauges in
            for key in gauges.keys where values[key] == nil {
                registry.remove(metric, values: self.values(key))
                gauges[key] = nil
            }
            for (key, value) in values {
                let gauge = gauges[key] ?? registry.gauge(metric, values: self.values(key))
                gauges[key] = gauge
                gauge.record(value)
            }
        }
    }

    package func show(_ values: [Key: some BinaryInteger]) { show(values.mapValues { Double($0) }) }
}
