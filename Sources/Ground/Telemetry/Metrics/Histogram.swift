import Synchronization

/// A histogram: the sum of what all threads observe together, and of the parts that owners observe for themselves.
///
/// A shared observation takes a lock that is held for two additions, so that its bucket and the sum belong together. An
/// owner's takes none: a reading may see bucket and sum of slightly different moments. The count is always that of the
/// buckets which are read with it.
package final class Histogram: Series {
    private struct State {
        /// Observations per bucket, the last one above every bound; not cumulated.
        var counts: [Int]
        var sum: Double = 0
        var cells: [HistogramCell] = []
    }

    private let buckets: HistogramBuckets
    private let state: Mutex<State>

    init(_ buckets: HistogramBuckets) {
        self.buckets = buckets
        state = Mutex(State(counts: Array(repeating: 0, count: buckets.texts.count)))
    }

    /// Observations that are no number are ignored: they would spoil the sum for good.
    package func record(_ value: Double) {
        guard !value.isNaN else { return }
        let index = buckets.index(of: value)
        state.withLock { state in
            state.counts[index] += 1
            state.sum += value
        }
    }

    package func record(_ value: some BinaryInteger) { record(Double(value)) }

    package func recordNanoseconds(_ duration: Int64) { record(buckets.value(nanoseconds: duration)) }

    /// Durations of more than 292 years count as so long.
    package func recordMilliseconds(_ duration: Int64) { record(buckets.value(milliseconds: duration)) }

    /// Makes another part of the histogram, for one owner.
    package func makeOwned() -> OwnedHistogram {
        let cell = HistogramCell(buckets: buckets.texts.count)
        state.withLock { $0.cells.append(cell) }
        return OwnedHistogram(cell, buckets: buckets)
    }

    /// The observations of all, by bucket, and their sum.
    private var reading: (counts: [Int], sum: Double) {
        var (counts, sum, cells) = state.withLock { ($0.counts, $0.sum, $0.cells) }
        for cell in cells {
            let part = cell.reading
            for (index, count) in part.counts.enumerated() { counts[index] = counts[index].saturatingSum(with: count) }
            sum += part.sum
        }
        return (counts, sum)
    }

    var value: Double { Double(reading.counts.reduce(0) { $0.saturatingSum(with: $1) }) }

    func write(_ name: String, labels: LabelSet, to writer: inout ExpositionWriter) {
        let (counts, sum) = reading
        var cumulated = 0
        for (count, bound) in zip(counts, buckets.texts) {
            cumulated = cumulated.saturatingSum(with: count)
            writer.writeSample(name, suffix: "_bucket", labels: labels.text, extra: bound, value: String(cumulated))
        }
        writer.writeSample(name, suffix: "_sum", labels: labels.text, value: ExpositionWriter.text(sum))
        writer.writeSample(name, suffix: "_count", labels: labels.text, value: String(cumulated))
    }
}

/// The buckets of a histogram: each holds what is above the bound before it and not above its own. Durations are converted
/// to the histogram's unit.
struct HistogramBuckets: Sendable {
    let bounds: [Double]
    /// The label `le` of each bucket, that of the one above every bound included.
    let texts: [String]
    private let perNanosecond: Double

    /// - Parameter unit: The unit that durations are converted to; nil for seconds.
    init(bounds: [Double], unit: MetricUnit?) {
        self.bounds = bounds
        perNanosecond = (unit ?? .seconds).perNanosecond
        texts = (bounds + [.infinity]).map { "le=\"\(ExpositionWriter.text($0))\"" }
    }

    /// The first bucket whose bound is not below the value.
    func index(of value: Double) -> Int {
        var low = 0
        var high = bounds.count
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func value(nanoseconds: Int64) -> Double { Double(nanoseconds) * perNanosecond }

    /// Durations of more than 292 years count as so long.
    func value(milliseconds: Int64) -> Double {
        let (nanoseconds, isTooLong) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        return value(nanoseconds: isTooLong ? milliseconds < 0 ? .min : .max : nanoseconds)
    }
}
