package import Telemetry

/// Where in a trace something happens: a span of ours, or the one that a request names.
package struct TraceContext: Sendable, Hashable {
    package var parent: TraceParent
    package var state: TraceState?
    /// Whether the span is another process's.
    package var isRemote: Bool

    package init(parent: TraceParent, state: TraceState?, isRemote: Bool) {
        self.parent = parent
        self.state = state
        self.isRemote = isRemote
    }
}

private enum TraceContextKey: InstrumentationContextKey {
    typealias Value = TraceContext
}

extension InstrumentationContext {
    /// The trace that this belongs to; nil where there is none.
    package var traceContext: TraceContext? {
        get { self[TraceContextKey.self] }
        set { self[TraceContextKey.self] = newValue }
    }
}
