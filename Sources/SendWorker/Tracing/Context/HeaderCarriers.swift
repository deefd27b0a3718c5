import KafkaClient
import Telemetry

/// Reads trace headers of a record.
struct KafkaHeaderExtractor: Extractor {
    /// All values of a header joined by commas, as HTTP joins them: one `traceparent` too many is malformed then, and
    /// several `tracestate` are one list. Nil where there is none, or where one is not printable ASCII.
    func extract(key: String, from headers: [KafkaHeader]) -> String? {
        var text: String?
        for header in headers where header.name == key {
            guard let value = header.value, value.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
            let more = String(decoding: value, as: UTF8.self)
            text = text.map { "\($0),\(more)" } ?? more
        }
        return text
    }
}

/// Writes trace headers of a call.
struct HTTPFieldInjector: Injector {
    func inject(_ value: String, forKey key: String, into fields: inout [(String, String)]) {
        fields.append((key, value))
    }
}
