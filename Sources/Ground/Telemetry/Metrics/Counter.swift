import Synchronization

/// A counter. Whole and fractional increments are kept apart, so that whole numbers stay exact and cost one atomic
/// addition.
package final class Counter: Series {
    private let whole = Atomic<Int>(0)
    private let fractional = AtomicDouble(0)

    init() {}

    /// Counters only go up: an amount that is not positive is ignored, and the count stays at its end.
    package func increment(by amount: Int = 1) {
        guard amount > 0 else { return }
        let (_, count) = whole.wrappingAdd(amount, ordering: .relaxed)
        if count < 0 { whole.store(.max, ordering: .relaxed) }
    }

    /// Adds what need not be whole; what is not positive, or not finite, is ignored.
    package func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        fractional.add(amount)
    }

    var value: Double { Double(whole.load(ordering: .relaxed)) + fractional.load() }

    func write(_ name: String, labels: LabelSet, to writer: inout ExpositionWriter) {
        let fraction = fractional.load()
        let count = whole.load(ordering: .relaxed)
        let text = fraction == 0 ? String(count) : ExpositionWriter.text(Double(count) + fraction)
        writer.writeSample(name, labels: labels.text, value: text)
    }
}

/// A counter whose source tells how much there has been since its own start, and may start anew.
package final class RunningTotal: Sendable {
    private let counter: Counter
    private let last = Mutex(0.0)

    init(_ counter: Counter) {
        self.counter = counter
    }

    /// Counts what came since the last call. A smaller total than before comes from a source that has started anew.
    package func reach(_ total: Double) {
        let more = last.withLock { last in
            defer { last = total }
            return total >= last ? total - last : total
        }
        counter.increment(by: more)
    }

    package func reach(_ total: Int) { reach(Double(total)) }
}
