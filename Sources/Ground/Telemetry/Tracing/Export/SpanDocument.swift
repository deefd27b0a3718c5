/// Spans as OTLP has them, in the JSON form of its protocol buffers (`ExportTraceServiceRequest`).
package struct SpanDocument: Sendable {
    /// The size of a span, about.
    private static let bytesPerSpan = 1_100

    private let resource: SpanAttributes
    private let scope: Scope

    /// The program that makes the spans.
    package struct Scope: Sendable {
        var name: String
        var version: String

        package init(name: String, version: String) {
            self.name = name
            self.version = version
        }
    }

    /// - Parameter resource: Who sends the spans: `service.name` and such.
    package init(resource: SpanAttributes, scope: Scope) {
        self.resource = resource
        self.scope = scope
    }

    package func encode(_ spans: some Collection<FinishedSpan>) -> [UInt8] {
        var json = OTLPWriter(reservingCapacity: 512 + spans.count * Self.bytesPerSpan)
        json.object { json in
            json.list("resourceSpans", of: CollectionOfOne(())) { json, _ in
                json.object("resource") { $0.attributes(resource) }
                json.list("scopeSpans", of: CollectionOfOne(())) { json, _ in
                    json.object("scope") { json in
                        json.member("name", scope.name)
                        json.member("version", scope.version)
                    }
                    json.list("spans", of: spans) { $0.span($1) }
                }
            }
        }
        return json.bytes
    }
}

extension OTLPWriter {
    fileprivate mutating func span(_ span: FinishedSpan) {
        place(span.trace)
        if let parent = span.parent { member("parentSpanId", parent.spanID.description) }
        member("flags", number: span.trace.parent.flags.otlp(isRemote: span.parent?.isRemote ?? false))
        member("name", span.name)
        member("kind", number: span.kind.rawValue)
        // 64-bit numbers are strings in this form.
        member("startTimeUnixNano", String(span.start))
        member("endTimeUnixNano", String(span.end))
        attributes(span.attributes)
        if !span.events.isEmpty {
            list("events", of: span.events) { json, event in
                json.member("timeUnixNano", String(event.time))
                json.member("name", event.name)
                json.attributes(event.attributes)
            }
        }
        if !span.links.isEmpty {
            list("links", of: span.links) { json, link in
                json.place(link)
                json.member("flags", number: link.parent.flags.otlp(isRemote: link.isRemote))
            }
        }
        if let status = span.status {
            object("status") { json in
                json.member("code", number: status.code.rawValue)
                if let message = status.message { json.member("message", message) }
            }
        }
    }

    /// Appends the trace and the place in it of a span or of the other end of a link.
    private mutating func place(_ trace: TraceContext) {
        member("traceId", trace.parent.traceID.description)
        member("spanId", trace.parent.spanID.description)
        if let state = trace.state { member("traceState", state.text) }
    }

    /// The member `attributes`: OTLP's list of names and values, in the order of their names.
    fileprivate mutating func attributes(_ attributes: SpanAttributes) {
        list("attributes", of: attributes.sorted { $0.key < $1.key }) { json, attribute in
            json.member("key", attribute.key)
            json.object("value") { $0.value(attribute.value) }
        }
    }

    private mutating func value(_ value: SpanAttribute) {
        switch value {
        case .string(let text): member("stringValue", text)
        case .bool(let bool): member("boolValue", raw: bool ? "true" : "false")
        // 64-bit numbers are strings in this form.
        case .integer(let number): member("intValue", String(number))
        case .double(let number) where number.isFinite: member("doubleValue", raw: String(number))
        // What is not finite has no number in JSON; protocol buffers write a string then.
        case .double(let number): member("doubleValue", number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity")
        case .array(let values): object("arrayValue") { $0.list("values", of: values) { $0.value($1) } }
        }
    }
}

extension TraceParent.Flags {
    /// A trace's flags with OTLP's own two above them: that it is known whether the span above is another process's, and
    /// whether it is.
    fileprivate func otlp(isRemote: Bool) -> Int { Int(rawValue) | 0x100 | (isRemote ? 0x200 : 0) }
}

/// Writes one JSON document, member by member, and places the commas.
private struct OTLPWriter {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    init(reservingCapacity capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    mutating func object(_ members: (inout OTLPWriter) -> Void) {
        open(UInt8(ascii: "{"))
        members(&self)
        close(UInt8(ascii: "}"))
    }

    mutating func object(_ name: String, _ members: (inout OTLPWriter) -> Void) {
        self.name(name)
        object(members)
    }

    /// A list of objects.
    mutating func list<Elements: Collection>(
        _ name: String,
        of elements: Elements,
        _ members: (inout OTLPWriter, Elements.Element) -> Void
    ) {
        self.name(name)
        open(UInt8(ascii: "["))
        for element in elements { object { members(&$0, element) } }
        close(UInt8(ascii: "]"))
    }

    mutating func member(_ name: String, _ text: String) {
        self.name(name)
        bytes.appendJSON(text)
        needsComma = true
    }

    mutating func member(_ name: String, number: Int) { member(name, raw: String(number)) }

    /// A value that is JSON already.
    mutating func member(_ name: String, raw json: String) {
        self.name(name)
        bytes += json.utf8
        needsComma = true
    }

    private mutating func name(_ name: String) {
        separate()
        bytes.appendJSON(name)
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = false
    }
}
