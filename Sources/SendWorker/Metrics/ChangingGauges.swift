import Synchronization
import Telemetry

/// Gauges of one metric for things that come and go, such as partitions: those that are not named any more vanish.
final class ChangingGauges<Key: Hashable & Sendable>: Sendable {
    private let make: @Sendable (Key) -> Gauge
    private let gauges = Mutex<[Key: Gauge]>([:])

    init(make: @escaping @Sendable (Key) -> Gauge) {
        self.make = make
    }

    func show(_ values: [Key: Double]) {
        gauges.withLock { gauges in
            for (key, gauge) in gauges where values[key] == nil {
                gauge.destroy()
                gauges[key] = nil
            }
            for (key, value) in values {
                let gauge = gauges[key] ?? make(key)
                gauges[key] = gauge
                gauge.record(value)
            }
        }
    }

    func show(_ values: [Key: Int]) { show(values.mapValues(Double.init)) }

    func show(_ values: [Key: Int64]) { show(values.mapValues(Double.init)) }
}
