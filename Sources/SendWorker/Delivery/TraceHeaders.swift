package import KafkaClient

/// The W3C trace context headers, which travel from a request to its call, its result and its dead letter.
package enum TraceHeaders {
    package static let names = ["traceparent", "tracestate"]

    /// Those of the headers that carry trace context.
    package static func selected(from headers: [KafkaHeader]) -> [KafkaHeader] {
        headers.filter { names.contains($0.name) }
    }

    /// The trace context as HTTP headers. A value that is not printable ASCII is left out: it could not be sent.
    package static func httpFields(from headers: [KafkaHeader]) -> [(String, String)] {
        selected(from: headers).compactMap { header in
            guard let value = header.value, value.allSatisfy({ (0x20...0x7e).contains($0) }) else { return nil }
            return (header.name, String(decoding: value, as: UTF8.self))
        }
    }
}
