import Synchronization
import Telemetry

/// What is known of a span that is recorded, until its end.
final class SpanRecording: Sendable {
    /// Events and links beyond this are left out; attributes are as many as their keys.
    private static let mostEvents = 128

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

    var isOver: Bool { state.withLock(\.isOver) }
    var name: String { state.withLock(\.span.name) }
    var attributes: SpanAttributes { state.withLock(\.span.attributes) }

    /// Changes the span unless it is over.
    func change(_ body: (inout FinishedSpan) -> Void) {
        state.withLock { state in
            if !state.isOver { body(&state.span) }
        }
    }

    func add(_ event: SpanEvent) {
        change { span in
            if span.events.count < Self.mostEvents { span.events.append(event) }
        }
    }

    func add(_ link: TraceContext) {
        change { span in
            if span.links.count < Self.mostEvents { span.links.append(link) }
        }
    }

    /// Ends the span; only the first end counts.
    func end(at nanoseconds: UInt64) {
        let finished: FinishedSpan? = state.withLock { state in
            guard !state.isOver else { return nil }
            state.isOver = true
            state.span.end = max(nanoseconds, state.span.start)
            return state.span
        }
        if let finished { finish(finished) }
    }
}
