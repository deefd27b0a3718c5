import CoreMetrics

/// A gauge: the last value set, or the sum of its changes.
final class GaugeSeries: Series, MeterHandler, RecorderHandler {
    private let current = AtomicDouble(0)

    func set(_ value: Int64) { current.store(Double(value)) }
    func set(_ value: Double) { current.store(value) }
    func increment(by amount: Double) { current.add(amount) }
    func decrement(by amount: Double) { current.add(-amount) }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }

    var value: Double { current.load() }

    func write(_ name: String, labels: LabelSet, to writer: inout ExpositionWriter) {
        writer.writeSample(name, labels: labels.text, value: ExpositionWriter.text(value))
    }
}
