import Synchronization

/// A count with one writer and any number of readers.
///
/// The writer loads and stores without locking the processor's bus: a plain move each. A second writer would lose counts,
/// so only the types below write, which stay with one owner.
final class CounterCell: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .relaxed) }

    /// Counts only go up: an amount that is not positive is ignored, and the count stays at its end.
    func add(_ amount: Int) {
        guard amount > 0 else { return }
        store(value.saturatingSum(with: amount))
    }

    private func store(_ value: Int) { count.store(value, ordering: .relaxed) }
}

/// One owner's part of a counter, counted without a lock and without a locked instruction.
///
/// One owner writes, anybody reads: the counter adds up all its parts when it is read, also those of owners that are gone.
/// It is not `Sendable`, so the compiler keeps it where it was made, as with an actor.
package struct OwnedCounter {
    private let cell: CounterCell

    init(_ cell: CounterCell) {
        self.cell = cell
    }

    package func increment(by amount: Int = 1) { cell.add(amount) }
}

@available(*, unavailable)
extension OwnedCounter: Sendable {}

/// The observations of one writer, by bucket, with their sum.
final class HistogramCell: Sendable {
    /// Observations per bucket, the last one above every bound; not cumulated.
    private let counts: [CounterCell]
    private let total = AtomicDouble(0)

    init(buckets count: Int) {
        counts = (0..<count).map { _ in CounterCell() }
    }

    func add(_ value: Double, bucket: Int) {
        counts[bucket].add(1)
        total.store(total.load() + value)
    }

    /// The observations up to about now. Read while the writer writes, the sum may hold one that no bucket does, and the
    /// other way round; nothing is lost, and the next reading has both.
    var reading: (counts: [Int], sum: Double) { (counts.map(\.value), total.load()) }
}

/// One owner's part of a histogram, as ``OwnedCounter`` is of a counter.
package struct OwnedHistogram {
    private let buckets: HistogramBuckets
    private let cell: HistogramCell

    init(_ cell: HistogramCell, buckets: HistogramBuckets) {
        self.cell = cell
        self.buckets = buckets
    }

    /// Observations that are no number are ignored: they would spoil the sum for good.
    package func record(_ value: Double) {
        guard !value.isNaN else { return }
        cell.add(value, bucket: buckets.index(of: value))
    }

    package func record(_ value: some BinaryInteger) { record(Double(value)) }

    package func recordNanoseconds(_ duration: Int64) { record(buckets.value(nanoseconds: duration)) }

    /// Durations of more than 292 years count as so long.
    package func recordMilliseconds(_ duration: Int64) { record(buckets.value(milliseconds: duration)) }
}

@available(*, unavailable)
extension OwnedHistogram: Sendable {}

extension Int {
    /// The sum with what is not negative, or the greatest number where it is greater.
    func saturatingSum(with other: Int) -> Int {
        let (sum, isTooLarge) = addingReportingOverflow(other)
        return isTooLarge ? .max : sum
    }
}
