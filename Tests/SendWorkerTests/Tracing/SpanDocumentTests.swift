import Telemetry
import Testing

@testable import SendWorker

@Suite("OTLP's JSON")
struct SpanDocumentTests {
    @Test("a span is written as the JSON form of protocol buffers has it")
    func span() throws {
        var span = SpanFixture.span(
            0x1f,
            attributes: [
                "text": "a\"b\u{1}ä", "number": .int64(.max), "small": .int32(-5), "half": .double(0.5),
                "yes": .bool(true), "endless": .double(.infinity), "none": .double(.nan),
                "texts": .stringArray(["a", "b"]),
                "numbers": .int64Array([1]), "any": .stringConvertible(SpanID(255)!),
            ]
        )
        span.trace.state = TraceState("a=1")
        span.parent = FinishedSpan.Parent(spanID: try #require(SpanID(255)), isRemote: true)
        span.status = SpanStatus(code: .error, message: "throttled")
        span.links = [span.trace]
        let moment = DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: 7)
        span.events = [SpanEvent(name: "e", at: moment, attributes: ["k": 1])]
        let written = try #require(try SpanFixture.spans(in: SpanFixture.document.encode([span])).first)
        #expect(written["traceId"] as? String == "0af7651916cd43dd0000000000000001")
        #expect(written["spanId"] as? String == "0000000000000020")
        #expect(written["parentSpanId"] as? String == "00000000000000ff")
        #expect(written["traceState"] as? String == "a=1")
        #expect(written["flags"] as? Int == 0x301)
        #expect(written["name"] as? String == "span 31")
        #expect(written["kind"] as? Int == 5)
        #expect(written["startTimeUnixNano"] as? String == "1700000000000000001")
        #expect(written["endTimeUnixNano"] as? String == "1700000000000000002")
        #expect(written.object("status")["code"] as? Int == 2)
        #expect(written.object("status")["message"] as? String == "throttled")
        #expect(written.list("events").first?["timeUnixNano"] as? String == "7")
        #expect(written.list("events").first?.attributes == ["k": "intValue 1"])
        #expect(written.list("links").first?["spanId"] as? String == "0000000000000020")
        let attributes = written.attributes
        #expect(attributes["text"] == "stringValue a\"b\u{1}ä")
        #expect(attributes["number"] == "intValue 9223372036854775807")
        #expect(attributes["small"] == "intValue -5")
        #expect(attributes["half"] == "doubleValue 0.5")
        #expect(attributes["endless"] == "doubleValue Infinity")
        #expect(attributes["none"] == "doubleValue NaN")
        #expect(attributes["any"] == "stringValue 00000000000000ff")
        #expect(attributes.count == 10)
        let texts = written.list("attributes").first { $0["key"] as? String == "texts" }
        let values = texts?.object("value").object("arrayValue").list("values")
        #expect(values?.compactMap { $0["stringValue"] as? String } == ["a", "b"])
    }

    @Test("a span without a parent names none, and what is not there is left out")
    func root() throws {
        let written = try #require(try SpanFixture.spans(in: SpanFixture.document.encode([SpanFixture.span(0)])).first)
        #expect(written["flags"] as? Int == 0x101)
        for name in ["parentSpanId", "traceState", "status", "events", "links"] { #expect(written[name] == nil) }
    }

    @Test("the resource and the scope stand above the spans")
    func resource() throws {
        let document = SpanDocument(resource: ["service.name": "instagram-send-worker", "service.version": "1"])
        let written = try SpanFixture.object(document.encode([SpanFixture.span(0)]))
        let resource = try #require(written.list("resourceSpans").first)
        #expect(
            resource.object("resource").attributes
                == ["service.name": "stringValue instagram-send-worker", "service.version": "stringValue 1"]
        )
        #expect(resource.list("scopeSpans").first?.object("scope")["name"] as? String == WorkerVersion.name)
    }
}
