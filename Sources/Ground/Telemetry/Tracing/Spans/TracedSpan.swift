import Synchronization

/// A span of ``SpanTracer``; of one that is not recorded only the context counts.
package struct TracedSpan: Sendable {
    package let context: TraceContext
    private let recording: SpanRecording?

    init(context: TraceContext, recording: SpanRecording?) {
        self.context = context
        self.recording = recording
    }

    /// Whether anybody will see what is said of the span.
    package var isRecording: Bool { recording?.isOpen ?? false }

    /// Changes the attributes unless the span is over; not called where it is not recorded.
    package func updateAttributes(_ body: (inout SpanAttributes) -> Void) { recording?.change { body(&$0.attributes) } }

    package func setStatus(_ status: SpanStatus) { recording?.change { $0.status = status } }

    package func addEvent(_ event: @autoclosure () -> SpanEvent) {
        recording?.change { span in
            if span.events.count < SpanRecording.mostEvents { span.events.append(event()) }
        }
    }

    /// Names another span that this one has to do with.
    package func addLink(_ context: TraceContext) {
        recording?.change { span in
            if span.links.count < SpanRecording.mostEvents { span.links.append(context) }
        }
    }

    /// Ends the span; only the first end counts.
    package func end(at nanoseconds: @autoclosure () -> UInt64 = WallClock.nanoseconds) {
        recording?.end(at: nanoseconds())
    }
}

/// The facts known of a span that is recorded, until its end.
final class SpanRecording: Sendable {
    /// Events and links beyond this are left out; attributes are as many as their keys.
    static let mostEvents = 128

    private struct State {
        var span: FinishedSpan
        var isOver = false
    }

    private let state: Mutex<State>
    private let finish: @Sendable (FinishedSpan) -> Void

    init(_ span: FinishedSpan, finish: @escaping @Sendable (FinishedSpan) -> Void) {
        state = Mutex(State(span: span))
        self.finish = finish
    }

    var isOpen: Bool { state.withLock { !$0.isOver } }

    /// Changes the span unless it is over.
    func change(_ body: (inout FinishedSpan) -> Void) {
        state.withLock { state in
            if !state.isOver { body(&state.span) }
        }
    }

    func end(at nanoseconds: UInt64) {
        let finished: FinishedSpan? = state.withLock { state in
            guard !state.isOver else { return nil }
            state.isOver = true
            // A clock that went back must not make a span end before its start.
            state.span.end = max(nanoseconds, state.span.start)
            return state.span
        }
        if let finished { finish(finished) }
    }
}
