import Synchronization

/// A counter: the sum of what all threads count together, and of the parts that owners count for themselves. Whole and
/// fractional increments are kept apart, so that whole numbers stay exact and cost one atomic addition.
package final class Counter: Series {
    private let shared = Atomic<Int>(0)
    private let fractional = AtomicDouble(0)
    /// Locked to make a part and to read, never to count.
    private let cells = Mutex<[CounterCell]>([])

    init() {}

    /// Counters only go up: an amount that is not positive is ignored, and the count stays at its end.
    package func increment(by amount: Int = 1) {
        guard amount > 0 else { return }
        let (_, count) = shared.wrappingAdd(amount, ordering: .relaxed)
        if count < 0 { shared.store(.max, ordering: .relaxed) }
    }

    /// Adds what need not be whole; what is not positive, or not finite, is ignored.
    package func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        fractional.add(amount)
    }

    /// Makes another part of the count, for one owner.
    package func makeOwned() -> OwnedCounter {
        let cell = CounterCell()
        cells.withLock { $0.append(cell) }
        return OwnedCounter(cell)
    }

    var value: Double { Double(whole) + fractional.load() }

    private var whole: Int {
        cells.withLock { $0.reduce(shared.load(ordering: .relaxed)) { $0.saturatingSum(with: $1.value) } }
    }

    func write(_ name: String, labels: LabelSet, to writer: inout ExpositionWriter) {
        let fraction = fractional.load()
        let count = whole
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
