import Synchronization
import Telemetry

/// Keeps what a tracer hands on.
final class SpanRecorder: Sendable {
    /// A `traceparent` of a trace that is recorded.
    static let exampleParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    private let recorded = Mutex<[FinishedSpan]>([])

    var spans: [FinishedSpan] { recorded.withLock(\.self) }

    func tracer(ratio: Double = 1) -> SpanTracer {
        SpanTracer(sampler: TraceSampler(ratio: ratio)) { span in self.recorded.withLock { $0.append(span) } }
    }
}
