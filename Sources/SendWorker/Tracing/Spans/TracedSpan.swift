package import Telemetry

/// A span of ``SpanTracer``; of one that is not recorded only the context counts.
package struct TracedSpan: Tracing.Span {
    package let context: InstrumentationContext
    private let recording: SpanRecording?

    init(context: InstrumentationContext, recording: SpanRecording?) {
        self.context = context
        self.recording = recording
    }

    package var isRecording: Bool { recording.map { !$0.isOver } ?? false }

    package var operationName: String {
        get { recording?.name ?? "" }
        nonmutating set { recording?.change { $0.name = newValue } }
    }

    package var attributes: SpanAttributes {
        get { recording?.attributes ?? [:] }
        nonmutating set { recording?.change { $0.attributes = newValue } }
    }

    package func setStatus(_ status: SpanStatus) { recording?.change { $0.status = status } }

    package func addEvent(_ event: SpanEvent) { recording?.add(event) }

    /// Notes the error's type only: what an error says may hold what must not leave the process.
    package func recordError<Instant: TracerInstant>(
        _ error: any Error,
        attributes: SpanAttributes,
        at instant: @autoclosure () -> Instant
    ) {
        guard let recording else { return }
        var attributes = attributes
        attributes.set("exception.type", value: .string(String(reflecting: type(of: error))))
        recording.add(SpanEvent(name: "exception", at: instant(), attributes: attributes))
    }

    package func addLink(_ link: SpanLink) {
        guard let recording, let trace = link.context.traceContext else { return }
        recording.add(trace)
    }

    package func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        recording?.end(at: instant().nanosecondsSinceEpoch)
    }
}
