package import Telemetry

/// A span as it is exported.
package struct FinishedSpan: Sendable {
    package var trace: TraceContext
    /// Nil where the trace begins with it.
    package var parent: Parent?
    package var name: String
    package var kind: SpanKind
    /// Nanoseconds since 1970; the end is never before the start.
    package var start: UInt64
    package var end: UInt64
    package var attributes: SpanAttributes
    package var events: [SpanEvent]
    package var links: [TraceContext]
    package var status: SpanStatus?

    /// The span above.
    package struct Parent: Sendable, Hashable {
        package var spanID: SpanID
        package var isRemote: Bool
    }
}
