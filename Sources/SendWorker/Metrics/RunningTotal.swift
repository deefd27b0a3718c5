import Synchronization
import Telemetry

/// A counter whose source tells how much there has been since its own start, and may start anew.
final class RunningTotal: Sendable {
    private let counter: FloatingPointCounter
    private let last = Mutex(0.0)

    init(_ counter: FloatingPointCounter) {
        self.counter = counter
    }

    /// Counts what came since the last call. A smaller total than before comes from a source that has started anew.
    func reach(_ total: Double) {
        let more = last.withLock { last in
            defer { last = total }
            return total >= last ? total - last : total
        }
        counter.increment(by: more)
    }

    func reach(_ total: Int) { reach(Double(total)) }
}
