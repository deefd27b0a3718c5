import InstagramMessaging
import Telemetry

extension JSONWriter {
    /// The member `attributes`: OTLP's list of names and values, in the order of their names.
    mutating func attributes(_ attributes: SpanAttributes) {
        var all: [(name: String, value: SpanAttribute)] = []
        all.reserveCapacity(attributes.count)
        // No sequence, so a loop cannot go over them.
        let collect = { (name: String, value: SpanAttribute) in all.append((name, value)) }
        attributes.forEach(collect)
        name("attributes")
        beginArray()
        for (name, value) in all.sorted(by: { $0.name < $1.name }) {
            beginObject()
            member("key", name)
            self.name("value")
            attribute(value)
            endObject()
        }
        endArray()
    }

    private mutating func attribute(_ value: SpanAttribute) {
        switch value {
        case .string(let text): typed("stringValue") { $0.string(text) }
        case .bool(let bool): typed("boolValue") { $0.bool(bool) }
        // 64-bit numbers are strings in this form.
        case .int32(let number): typed("intValue") { $0.string(String(number)) }
        case .int64(let number): typed("intValue") { $0.string(String(number)) }
        case .double(let number): typed("doubleValue") { $0.double(number) }
        case .stringConvertible(let value): typed("stringValue") { $0.string("\(value)") }
        case .stringArray(let texts): list(texts.map { .string($0) })
        case .boolArray(let bools): list(bools.map { .bool($0) })
        case .int32Array(let numbers): list(numbers.map { .int32($0) })
        case .int64Array(let numbers): list(numbers.map { .int64($0) })
        case .doubleArray(let numbers): list(numbers.map { .double($0) })
        case .stringConvertibleArray(let values): list(values.map { .string("\($0)") })
        default: typed("stringValue") { $0.string("") }
        }
    }

    private mutating func list(_ values: [SpanAttribute]) {
        typed("arrayValue") { json in
            json.beginObject()
            json.name("values")
            json.beginArray()
            for value in values { json.attribute(value) }
            json.endArray()
            json.endObject()
        }
    }

    private mutating func typed(_ type: String, _ value: (inout JSONWriter) -> Void) {
        beginObject()
        name(type)
        value(&self)
        endObject()
    }

    /// What is not finite has no number in JSON; protocol buffers write a string then.
    private mutating func double(_ number: Double) {
        if number.isFinite {
            raw(String(number).utf8)
        } else {
            string(number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity")
        }
    }
}
