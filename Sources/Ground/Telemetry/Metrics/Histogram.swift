import Synchronization

/// A histogram. An observation takes a lock that is held for two additions, so that buckets, count and sum that are read
/// together belong together.
package final class Histogram: Series {
    private struct State {
        /// Observations per bucket, the last one above every bound; not cumulated.
        var counts: [UInt64]
        var sum: Double = 0
    }

    private let buckets: HistogramBuckets
    private let perNanosecond: Double
    private let state: Mutex<State>

    /// - Parameter unit: What durations are converted to; nil for seconds.
    init(_ buckets: HistogramBuckets, unit: MetricUnit?) {
        self.buckets = buckets
        perNanosecond = (unit ?? .seconds).perNanosecond
        state = Mutex(State(counts: Array(repeating: 0, count: buckets.bounds.count + 1)))
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

    package func recordNanoseconds(_ duration: Int64) { record(Double(duration) * perNanosecond) }

    /// Durations of more than 292 years count as so long.
    package func recordMilliseconds(_ duration: Int64) {
        let (nanoseconds, isTooLong) = duration.multipliedReportingOverflow(by: 1_000_000)
        recordNanoseconds(isTooLong ? duration < 0 ? .min : .max : nanoseconds)
    }

    var value: Double { state.withLock { Double($0.counts.reduce(0, +)) } }

    func write(_ name: String, labels: LabelSet, to writer: inout ExpositionWriter) {
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        var cumulated: UInt64 = 0
        for (count, bound) in zip(counts, buckets.texts) {
            cumulated += count
            writer.writeSample(name, suffix: "_bucket", labels: labels.text, extra: bound, value: String(cumulated))
        }
        writer.writeSample(name, suffix: "_sum", labels: labels.text, value: ExpositionWriter.text(sum))
        writer.writeSample(name, suffix: "_count", labels: labels.text, value: String(cumulated))
    }
}

/// The buckets of a histogram: each holds what is above the bound before it and not above its own.
struct HistogramBuckets: Sendable {
    let bounds: [Double]
    /// The label `le` of each bucket, that of the one above every bound included.
    let texts: [String]

    init(bounds: [Double]) {
        self.bounds = bounds
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
}
