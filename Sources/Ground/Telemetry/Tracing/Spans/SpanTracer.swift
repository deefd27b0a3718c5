/// Makes spans with ids as W3C Trace Context has them and hands the finished ones on.
///
/// A span of a trace that is known already is recorded if the trace is; where a trace begins, the sampler decides.
package struct SpanTracer: Sendable {
    private let sampler: TraceSampler
    private let random: @Sendable () -> UInt64
    private let finish: @Sendable (FinishedSpan) -> Void

    /// - Parameters:
    ///   - random: Gives the bits of ids.
    ///   - finish: Takes each recorded span when it has ended, on any thread; must return at once.
    package init(
        sampler: TraceSampler,
        random: @escaping @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) },
        finish: @escaping @Sendable (FinishedSpan) -> Void
    ) {
        self.sampler = sampler
        self.random = random
        self.finish = finish
    }

    /// Starts a span.
    ///
    /// - Parameters:
    ///   - above: The span that it is a part of; nil where a trace begins.
    ///   - nanoseconds: When it started, since 1970.
    package func startSpan(
        _ name: String,
        below above: TraceContext?,
        kind: SpanKind = .internal,
        at nanoseconds: @autoclosure () -> UInt64 = WallClock.nanoseconds
    ) -> TracedSpan {
        let trace = newTrace(below: above)
        guard trace.parent.flags.contains(.sampled) else { return TracedSpan(context: trace, recording: nil) }
        let start = nanoseconds()
        let span = FinishedSpan(
            trace: trace,
            parent: above.map { FinishedSpan.Parent(spanID: $0.parent.spanID, isRemote: $0.isRemote) },
            name: name,
            kind: kind,
            start: start,
            end: start
        )
        return TracedSpan(context: trace, recording: SpanRecording(span, finish: finish))
    }

    private func newTrace(below above: TraceContext?) -> TraceContext {
        if let above {
            let parent = TraceParent(traceID: above.parent.traceID, spanID: newSpanID(), flags: above.parent.flags)
            return TraceContext(parent: parent, state: above.state, isRemote: false)
        }
        let traceID = newTraceID()
        let flags: TraceParent.Flags = sampler.records(traceID) ? .sampled : []
        return TraceContext(
            parent: TraceParent(traceID: traceID, spanID: newSpanID(), flags: flags),
            state: nil,
            isRemote: false
        )
    }

    private func newTraceID() -> TraceID {
        while true {
            if let id = TraceID(high: random(), low: random()) { return id }
        }
    }

    private func newSpanID() -> SpanID {
        while true {
            if let id = SpanID(random()) { return id }
        }
    }
}

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
