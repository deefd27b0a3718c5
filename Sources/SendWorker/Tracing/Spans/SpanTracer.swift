package import Telemetry

/// Makes spans with ids as W3C Trace Context has them and hands the finished ones on.
///
/// A span of a trace that is known already is recorded if the trace is; where a trace begins, the sampler decides.
package struct SpanTracer: Tracer {
    package typealias Span = TracedSpan

    private let sampler: TraceSampler
    private let random: @Sendable () -> UInt64
    private let finish: @Sendable (FinishedSpan) -> Void
    private let propagator = W3CPropagator()

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

    package func startSpan<Instant: TracerInstant>(
        _ operationName: String,
        context: @autoclosure () -> InstrumentationContext,
        ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant,
        function: String,
        file fileID: String,
        line: UInt
    ) -> TracedSpan {
        var context = context()
        let above = context.traceContext
        let trace = newTrace(below: above)
        context.traceContext = trace
        guard trace.parent.flags.contains(.sampled) else { return TracedSpan(context: context, recording: nil) }
        let start = instant().nanosecondsSinceEpoch
        let span = FinishedSpan(
            trace: trace,
            parent: above.map { FinishedSpan.Parent(spanID: $0.parent.spanID, isRemote: $0.isRemote) },
            name: operationName,
            kind: kind,
            start: start,
            end: start,
            attributes: [:],
            events: [],
            links: [],
            status: nil
        )
        return TracedSpan(context: context, recording: SpanRecording(span, finish: finish))
    }

    /// Finished spans are on their way already.
    package func forceFlush() {}

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

extension SpanTracer {
    package func extract<Carrier, Extract>(
        _ carrier: Carrier,
        into context: inout InstrumentationContext,
        using extractor: Extract
    ) where Extract: Extractor, Extract.Carrier == Carrier {
        propagator.extract(carrier, into: &context, using: extractor)
    }

    package func inject<Carrier, Inject>(
        _ context: InstrumentationContext,
        into carrier: inout Carrier,
        using injector: Inject
    ) where Inject: Injector, Inject.Carrier == Carrier {
        propagator.inject(context, into: &carrier, using: injector)
    }
}
