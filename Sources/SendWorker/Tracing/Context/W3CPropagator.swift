package import Telemetry

/// Reads and writes a trace context as the headers of W3C Trace Context.
package struct W3CPropagator: Instrument {
    static let parentHeader = "traceparent"
    static let stateHeader = "tracestate"

    package init() {}

    /// Puts what the headers say into the context; nothing where `traceparent` is missing or is to be ignored.
    package func extract<Carrier, Extract>(
        _ carrier: Carrier,
        into context: inout InstrumentationContext,
        using extractor: Extract
    ) where Extract: Extractor, Extract.Carrier == Carrier {
        guard let parent = extractor.extract(key: Self.parentHeader, from: carrier).flatMap({ TraceParent($0) }) else {
            return
        }
        let state = extractor.extract(key: Self.stateHeader, from: carrier).flatMap { TraceState($0) }
        context.traceContext = TraceContext(parent: parent, state: state, isRemote: true)
    }

    /// Writes the context's headers; none where it is in no trace.
    package func inject<Carrier, Inject>(
        _ context: InstrumentationContext,
        into carrier: inout Carrier,
        using injector: Inject
    ) where Inject: Injector, Inject.Carrier == Carrier {
        guard let trace = context.traceContext else { return }
        injector.inject(trace.parent.text, forKey: Self.parentHeader, into: &carrier)
        if let state = trace.state { injector.inject(state.text, forKey: Self.stateHeader, into: &carrier) }
    }
}
