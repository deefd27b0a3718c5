/// The place in a trace at which something happens: a span of ours, or the one that a request names.
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

/// W3C Trace Context's headers.
extension TraceContext {
    /// The header with trace, span and flags.
    package static let parentHeader = "traceparent"
    /// The header with what tracing systems add.
    package static let stateHeader = "tracestate"

    /// The context that another process's headers name; nil where `traceparent` is missing or is to be ignored. A
    /// `tracestate` that is to be ignored does no harm to the other.
    ///
    /// - Parameter header: The value of a header of this name, nil where there is none.
    package init?(reading header: (String) -> String?) {
        guard let parent = header(Self.parentHeader).flatMap({ TraceParent($0) }) else { return nil }
        self.init(parent: parent, state: header(Self.stateHeader).flatMap { TraceState($0) }, isRemote: true)
    }

    /// The headers by which the trace goes on from here.
    package var headers: [(String, String)] {
        let parent = (Self.parentHeader, parent.text)
        guard let state else { return [parent] }
        return [parent, (Self.stateHeader, state.text)]
    }
}
