import InstagramMessaging
import Telemetry

/// Spans as OTLP has them, in the JSON form of its protocol buffers (`ExportTraceServiceRequest`).
struct SpanDocument: Sendable {
    /// What a span with our attributes takes, about.
    private static let bytesPerSpan = 1_100

    /// Who sends the spans: `service.name` and such.
    let resource: SpanAttributes

    init(resource: SpanAttributes) {
        self.resource = resource
    }

    func encode(_ spans: some Collection<FinishedSpan>) -> [UInt8] {
        var json = JSONWriter(reservingCapacity: 512 + spans.count * Self.bytesPerSpan)
        json.beginObject()
        json.name("resourceSpans")
        json.beginArray()
        json.beginObject()
        json.name("resource")
        json.beginObject()
        json.attributes(resource)
        json.endObject()
        json.name("scopeSpans")
        json.beginArray()
        json.beginObject()
        json.name("scope")
        json.beginObject()
        json.member("name", WorkerVersion.name)
        json.member("version", WorkerVersion.current)
        json.endObject()
        json.name("spans")
        json.beginArray()
        for span in spans { json.span(span) }
        json.endArray()
        json.endObject()
        json.endArray()
        json.endObject()
        json.endArray()
        json.endObject()
        return json.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func span(_ span: FinishedSpan) {
        beginObject()
        place(span.trace)
        member("parentSpanId", ifPresent: span.parent?.spanID.description)
        member("flags", span.trace.parent.flags.rawValue.otlp(isRemote: span.parent?.isRemote ?? false))
        member("name", span.name)
        member("kind", span.kind.number)
        // 64-bit numbers are strings in this form.
        member("startTimeUnixNano", String(span.start))
        member("endTimeUnixNano", String(span.end))
        attributes(span.attributes)
        if !span.events.isEmpty { events(span.events) }
        if !span.links.isEmpty { links(span.links) }
        if let status = span.status { self.status(status) }
        endObject()
    }

    /// Where in which trace a span or the other end of a link is.
    private mutating func place(_ trace: TraceContext) {
        member("traceId", trace.parent.traceID.description)
        member("spanId", trace.parent.spanID.description)
        member("traceState", ifPresent: trace.state?.text)
    }

    private mutating func events(_ events: [SpanEvent]) {
        name("events")
        beginArray()
        for event in events {
            beginObject()
            member("timeUnixNano", String(event.nanosecondsSinceEpoch))
            member("name", event.name)
            attributes(event.attributes)
            endObject()
        }
        endArray()
    }

    private mutating func links(_ links: [TraceContext]) {
        name("links")
        beginArray()
        for link in links {
            beginObject()
            place(link)
            member("flags", link.parent.flags.rawValue.otlp(isRemote: link.isRemote))
            endObject()
        }
        endArray()
    }

    private mutating func status(_ status: SpanStatus) {
        name("status")
        beginObject()
        member("code", status.code == .ok ? 1 : 2)
        member("message", ifPresent: status.message)
        endObject()
    }
}

extension UInt8 {
    /// A trace's flags with OTLP's own two above them: that it is known whether the span above is another process's, and
    /// whether it is.
    fileprivate func otlp(isRemote: Bool) -> UInt32 { UInt32(self) | 0x100 | (isRemote ? 0x200 : 0) }
}

extension SpanKind {
    fileprivate var number: Int {
        switch self {
        case .internal: 1
        case .server: 2
        case .client: 3
        case .producer: 4
        case .consumer: 5
        }
    }
}
