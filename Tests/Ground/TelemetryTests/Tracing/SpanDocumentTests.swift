import Testing

@testable import Telemetry

@Suite("OTLP's JSON")
struct SpanDocumentTests {
    @Test("a span is written as the JSON form of protocol buffers has it")
    func span() throws {
        var span = SpanFixture.span(
            0x1f,
            attributes: [
                "text": "a\"b\u{1}ä\u{2028}", "number": .integer(.max), "small": -5, "half": 0.5, "yes": true,
                "endless": .double(.infinity), "least": .double(-.infinity), "none": .double(.nan),
                "texts": ["a", "b"], "numbers": [1],
            ]
        )
        span.trace.state = TraceState("a=1")
        span.parent = FinishedSpan.Parent(spanID: try #require(SpanID(255)), isRemote: true)
        span.status = SpanStatus(code: .error, message: "throttled")
        span.links = [
            TraceContext(parent: try #require(TraceParent(TraceParentTests.example)), state: nil, isRemote: true)
        ]
        span.events = [SpanEvent(name: "e", at: .max, attributes: ["k": 1])]
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
        let event = try #require(written.list("events").first)
        #expect(event["timeUnixNano"] as? String == "18446744073709551615" && event["name"] as? String == "e")
        #expect(event.attributes == ["k": "intValue 1"])
        let link = try #require(written.list("links").first)
        #expect(link["traceId"] as? String == "0af7651916cd43dd8448eb211c80319c")
        #expect(link["spanId"] as? String == "b7ad6b7169203331" && link["flags"] as? Int == 0x301)
        let attributes = written.attributes
        #expect(attributes["text"] == "stringValue a\"b\u{1}ä\u{2028}")
        #expect(attributes["number"] == "intValue 9223372036854775807")
        #expect(attributes["small"] == "intValue -5")
        #expect(attributes["half"] == "doubleValue 0.5")
        #expect(attributes["yes"] == "boolValue 1")
        #expect(attributes["endless"] == "doubleValue Infinity" && attributes["least"] == "doubleValue -Infinity")
        #expect(attributes["none"] == "doubleValue NaN")
        #expect(attributes.count == 10)
        let texts = written.list("attributes").first { $0["key"] as? String == "texts" }
        let values = texts?.object("value").object("arrayValue").list("values")
        #expect(values?.compactMap { $0["stringValue"] as? String } == ["a", "b"])
    }

    @Test("kinds and codes are numbers")
    func numbers() throws {
        let kinds: [(SpanKind, Int)] = [(.internal, 1), (.server, 2), (.client, 3), (.producer, 4), (.consumer, 5)]
        for (kind, number) in kinds {
            var span = SpanFixture.span(0)
            span.kind = kind
            span.status = SpanStatus(code: .ok)
            let written = try #require(try SpanFixture.spans(in: SpanFixture.document.encode([span])).first)
            #expect(written["kind"] as? Int == number)
            #expect(written.object("status")["code"] as? Int == 1 && written.object("status")["message"] == nil)
        }
    }

    @Test("a document is written byte for byte like this")
    func bytes() throws {
        var span = SpanFixture.span(0, attributes: ["b": 2, "a": "x"])
        span.parent = FinishedSpan.Parent(spanID: try #require(SpanID(255)), isRemote: false)
        span.status = SpanStatus(code: .error, message: "m")
        let text = String(decoding: SpanFixture.document.encode([span, SpanFixture.span(1)]), as: UTF8.self)
        #expect(
            text
                == #"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"test"}}]},"#
                + #""scopeSpans":[{"scope":{"name":"tests","version":"1"},"spans":["#
                + #"{"traceId":"0af7651916cd43dd0000000000000001","spanId":"0000000000000001","#
                + #""parentSpanId":"00000000000000ff","flags":257,"name":"span 0","kind":5,"#
                + #""startTimeUnixNano":"1700000000000000001","endTimeUnixNano":"1700000000000000002","attributes":"#
                + #"[{"key":"a","value":{"stringValue":"x"}},{"key":"b","value":{"intValue":"2"}}],"#
                + #""status":{"code":2,"message":"m"}},"#
                + #"{"traceId":"0af7651916cd43dd0000000000000001","spanId":"0000000000000002","flags":257,"#
                + #""name":"span 1","kind":5,"startTimeUnixNano":"1700000000000000001","#
                + #""endTimeUnixNano":"1700000000000000002","attributes":[]}]}]}]}"#
        )
    }

    @Test("a span without a parent names none, and what is not there is left out")
    func root() throws {
        let written = try #require(try SpanFixture.spans(in: SpanFixture.document.encode([SpanFixture.span(0)])).first)
        #expect(written["flags"] as? Int == 0x101)
        for name in ["parentSpanId", "traceState", "status", "events", "links"] { #expect(written[name] == nil) }
    }
}
