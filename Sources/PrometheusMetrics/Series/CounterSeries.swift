import CoreMetrics
import Synchronization

/// A counter. Whole and fractional increments are kept apart, so that whole numbers stay exact and cost one atomic
/// addition.
final class CounterSeries: Series, CounterHandler, FloatingPointCounterHandler {
    private let whole = Atomic<Int64>(0)
    private let fractional = AtomicDouble(0)

    /// Counters only go up: an amount that is not positive is ignored, and the count stays at its end.
    func increment(by amount: Int64) {
        guard amount > 0 else { return }
        let (_, count) = whole.wrappingAdd(amount, ordering: .relaxed)
        if count < 0 { whole.store(.max, ordering: .relaxed) }
    }

    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        fractional.add(amount)
    }

    func reset() {
        whole.store(0, ordering: .relaxed)
        fractional.store(0)
    }

    var value: Double { Double(whole.load(ordering: .relaxed)) + fractional.load() }

    func write(_ name: String, labels: LabelSet, to writer: inout ExpositionWriter) {
        let fraction = fractional.load()
        let count = whole.load(ordering: .relaxed)
        let text = fraction == 0 ? String(count) : ExpositionWriter.text(Double(count) + fraction)
        writer.writeSample(name, labels: labels.text, value: text)
    }
}
