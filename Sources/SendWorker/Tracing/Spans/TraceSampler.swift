/// Decides which traces are recorded that nobody has decided about: those that begin here.
package struct TraceSampler: Sendable, Hashable {
    /// Trace ids whose lowest 63 bits are below this are recorded.
    private let threshold: UInt64

    /// - Parameter ratio: The share of the traces to record, from 0 to 1.
    package init(ratio: Double) {
        let all = UInt64(1) << 63
        threshold = ratio >= 1 ? all : ratio > 0 ? UInt64(ratio * Double(all)) : 0
    }

    /// The same for the same id everywhere: whoever samples by the id like this keeps whole traces.
    package func records(_ traceID: TraceID) -> Bool { traceID.low & (.max >> 1) < threshold }
}
