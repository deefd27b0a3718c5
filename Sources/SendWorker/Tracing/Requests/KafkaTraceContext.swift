import KafkaClient
import Telemetry

extension TraceContext {
    /// The trace that a record's headers name; nil where they name none, or not as W3C asks.
    init?(_ headers: [KafkaHeader]) {
        self.init { name in Self.text(of: name, in: headers) }
    }

    /// All values of a header joined by commas, as HTTP joins them: one `traceparent` too many is malformed then, and
    /// several `tracestate` are one list. Nil where there is none, or where one is not printable ASCII.
    private static func text(of name: String, in headers: [KafkaHeader]) -> String? {
        var text: String?
        for header in headers where header.name == name {
            guard let value = header.value, value.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
            let more = String(decoding: value, as: UTF8.self)
            text = text.map { "\($0),\(more)" } ?? more
        }
        return text
    }
}
