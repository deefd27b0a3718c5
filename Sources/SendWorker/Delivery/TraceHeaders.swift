package import KafkaClient
import Telemetry

/// The W3C trace context headers, which travel from a request to its call, its result and its dead letter.
package enum TraceHeaders {
    package static let names = [TraceContext.parentHeader, TraceContext.stateHeader]
    /// What a `traceparent` of a later version may have behind the fields of the first; one that is longer is dropped.
    private static let longestParent = 128

    /// The trace context that the headers carry, at most one of each, bounded as W3C bounds it: what is not a
    /// `traceparent` is left out, and its `tracestate` with it; of a `tracestate` over 512 characters whole members are.
    package static func selected(from headers: [KafkaHeader]) -> [KafkaHeader] {
        guard let parent = headers.first(where: { $0.name == TraceContext.parentHeader }),
            let value = parent.value, value.count <= longestParent, let context = TraceContext(headers)
        else { return [] }
        guard let state = context.state else { return [parent] }
        return [parent, KafkaHeader(name: TraceContext.stateHeader, value: Array(state.text.utf8))]
    }

    /// The trace context as HTTP headers.
    package static func httpFields(from headers: [KafkaHeader]) -> [(String, String)] {
        selected(from: headers).map { ($0.name, String(decoding: $0.value ?? [], as: UTF8.self)) }
    }
}
