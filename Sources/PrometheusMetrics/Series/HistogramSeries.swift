import CoreMetrics
import Synchronization

/// A histogram. An observation takes a lock that is held for a binary search, so that buckets, count and sum that are
/// read together belong together.
final class HistogramSeries: Series, RecorderHandler, TimerHandler {
    private struct State {
        /// Observations per bucket, the last one above every bound; not cumulated.
        var counts: [UInt64]
        var sum: Double = 0
    }

    private let bounds: [Double]
    private let boundTexts: [String]
    private let perNanosecond: Double
    private let state: Mutex<State>

    /// `bounds` rise; `perNanosecond` is what a timer's nanoseconds are multiplied with.
    init(bounds: [Double], perNanosecond: Double) {
        self.bounds = bounds
        self.boundTexts = bounds.map { "le=\"\(ExpositionWriter.text($0))\"" }
        self.perNanosecond = perNanosecond
        self.state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func record(_ value: Int64) { record(Double(value)) }

    /// Observations that are no number are ignored: they would spoil the sum for good.
    func record(_ value: Double) {
        guard !value.isNaN else { return }
        let index = bucket(of: value)
        state.withLock { state in
            state.counts[index] += 1
            state.sum += value
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) * perNanosecond) }

    var value: Double { state.withLock { Double($0.counts.reduce(0, +)) } }

    func write(_ name: String, labels: LabelSet, to writer: inout ExpositionWriter) {
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        var cumulated: UInt64 = 0
        for (count, bound) in zip(counts, boundTexts + ["le=\"+Inf\""]) {
            cumulated += count
            writer.writeSample(name, suffix: "_bucket", labels: labels.text, extra: bound, value: String(cumulated))
        }
        writer.writeSample(name, suffix: "_sum", labels: labels.text, value: ExpositionWriter.text(sum))
        writer.writeSample(name, suffix: "_count", labels: labels.text, value: String(cumulated))
    }

    /// The first bucket whose bound is not below the value.
    private func bucket(of value: Double) -> Int {
        var low = 0
        var high = bounds.count
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
