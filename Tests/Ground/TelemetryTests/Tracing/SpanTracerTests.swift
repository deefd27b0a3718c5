import Synchronization
import Testing

@testable import Telemetry

/// Keeps what a tracer hands on.
final class SpanRecorder: Sendable {
    private let recorded = Mutex<[FinishedSpan]>([])

    var spans: [FinishedSpan] { recorded.withLock(\.self) }

    func tracer(ratio: Double = 1) -> SpanTracer {
        SpanTracer(sampler: TraceSampler(ratio: ratio)) { span in self.recorded.withLock { $0.append(span) } }
    }
}

@Suite("Tracer")
struct SpanTracerTests {
    private let recorder = SpanRecorder()

    private func reading(_ headers: KeyValuePairs<String, String>) -> TraceContext? {
        TraceContext { name in headers.first { $0.key == name }?.value }
    }

    private func headers(_ context: TraceContext) -> [String] { context.headers.map { "\($0.0): \($0.1)" } }

    @Test("a span of a trace that is recorded is recorded with the parent that the headers name")
    func remoteParent() throws {
        let tracer = recorder.tracer(ratio: 0)
        let context = reading(["traceparent": TraceParentTests.example, "tracestate": "a=1"])
        let span = tracer.startSpan("s", below: context, kind: .consumer)
        #expect(span.isRecording)
        span.end()
        #expect(!span.isRecording)
        let finished = try #require(recorder.spans.first)
        #expect(finished.parent?.spanID.description == "b7ad6b7169203331")
        #expect(finished.parent?.isRemote == true)
        #expect(finished.trace.parent.traceID.description == "0af7651916cd43dd8448eb211c80319c")
        #expect(finished.trace.state?.text == "a=1")
        let own = "00-0af7651916cd43dd8448eb211c80319c-\(finished.trace.parent.spanID)-01"
        #expect(headers(span.context) == ["traceparent: \(own)", "tracestate: a=1"])
        #expect(finished.trace.parent.spanID != finished.parent?.spanID)
    }

    @Test("a trace that nobody records is not recorded here either, whatever the ratio")
    func unsampledParent() throws {
        let tracer = recorder.tracer(ratio: 1)
        let context = try #require(reading(["traceparent": String(TraceParentTests.example.dropLast(2) + "00")]))
        let span = tracer.startSpan("s", below: context)
        #expect(!span.isRecording)
        span.end()
        #expect(recorder.spans.isEmpty)
        #expect(headers(context) == ["traceparent: \(TraceParentTests.example.dropLast(2))00"])
    }

    @Test("where a trace begins the ratio decides, and its children follow")
    func root() throws {
        for (ratio, isRecorded) in [(0.0, false), (1.0, true)] {
            let tracer = recorder.tracer(ratio: ratio)
            let span = tracer.startSpan("root", below: nil)
            let child = tracer.startSpan("child", below: span.context)
            #expect(span.isRecording == isRecorded && child.isRecording == isRecorded)
            child.end()
            span.end()
        }
        #expect(recorder.spans.map(\.name) == ["child", "root"])
        let (child, root) = (recorder.spans[0], recorder.spans[1])
        #expect(root.parent == nil)
        #expect(child.parent == FinishedSpan.Parent(spanID: root.trace.parent.spanID, isRemote: false))
        #expect(child.trace.parent.traceID == root.trace.parent.traceID)
    }

    @Test("the ratio is the share of trace ids, and more of them include the fewer")
    func ratio() throws {
        let ids = try (0..<20_000).map { _ in
            try #require(TraceID(high: .random(in: .min ... .max), low: .random(in: .min ... .max)))
        }
        let tenth = ids.filter { TraceSampler(ratio: 0.1).records($0) }
        let half = ids.filter { TraceSampler(ratio: 0.5).records($0) }
        // Eight standard deviations.
        #expect((1_660...2_340).contains(tenth.count))
        #expect((9_430...10_570).contains(half.count))
        #expect(tenth.allSatisfy { TraceSampler(ratio: 0.5).records($0) })
        #expect(ids.allSatisfy { TraceSampler(ratio: 1).records($0) && !TraceSampler(ratio: 0).records($0) })
        let (lowest, highest) = (try #require(TraceID(high: 1, low: 0)), try #require(TraceID(high: 1, low: .max)))
        #expect(TraceSampler(ratio: 1).records(highest) && TraceSampler(ratio: 1e-9).records(lowest))
        #expect(!TraceSampler(ratio: 0.999).records(highest))
    }

    @Test("headers that are malformed, or a state alone, begin a trace of their own")
    func malformedHeaders() {
        let tracer = recorder.tracer()
        let example = TraceParentTests.example
        for headers: KeyValuePairs in [
            ["tracestate": "a=1"], ["traceparent": "junk", "tracestate": "a=1"],
            ["traceparent": example.uppercased()], ["traceparent": "\(example),\(example)"],
        ] {
            let context = reading(headers)
            #expect(context == nil)
            let span = tracer.startSpan("s", below: context)
            #expect(
                span.context.state == nil
                    && span.context.parent.traceID.description != "\(example.dropFirst(3).prefix(32))"
            )
        }
    }

    @Test("a tracestate that is malformed or too long is dropped, and the parent stays")
    func states() throws {
        let tooLong = (0..<33).map { "k\($0)=v" }.joined(separator: ",")
        for state in ["A=1", "a=1,a=2", tooLong, ""] {
            let context = try #require(reading(["traceparent": TraceParentTests.example, "tracestate": state]))
            #expect(headers(context) == ["traceparent: \(TraceParentTests.example)"])
        }
    }

    @Test("a span keeps what it was given until its end, and nothing after it")
    func contents() throws {
        let span = recorder.tracer().startSpan("name", below: nil, kind: .client, at: 5)
        let other = recorder.tracer().startSpan("other", below: nil)
        span.updateAttributes { $0["n"] = 1 }
        span.updateAttributes { $0["t"] = "text" }
        span.addEvent(SpanEvent(name: "event"))
        span.addLink(other.context)
        span.setStatus(SpanStatus(code: .error, message: "why"))
        span.end(at: 1)
        span.updateAttributes { $0["late"] = 1 }
        span.addEvent(SpanEvent(name: "late"))
        span.end()
        let finished = try #require(recorder.spans.first)
        #expect(recorder.spans.count == 1)
        #expect(finished.name == "name" && finished.kind == .client)
        #expect(finished.attributes == ["n": 1, "t": "text"])
        #expect(finished.events.map(\.name) == ["event"] && finished.links == [other.context])
        #expect(finished.status == SpanStatus(code: .error, message: "why"))
        #expect(finished.end == 5, "a clock that went back must not make a span end before its start")
    }

    @Test("events and links of one span are bounded")
    func bounds() throws {
        let span = recorder.tracer().startSpan("name", below: nil)
        for _ in 0..<1_000 {
            span.addEvent(SpanEvent(name: "event"))
            span.addLink(span.context)
        }
        span.end()
        let finished = try #require(recorder.spans.first)
        #expect(finished.events.count == 128 && finished.links.count == 128)
    }

    @Test("ids are never zero")
    func ids() throws {
        let bits = Mutex([0, 0, 0, 7, 0, 9] as [UInt64])
        let tracer = SpanTracer(
            sampler: TraceSampler(ratio: 1),
            random: { bits.withLock { $0.removeFirst() } },
            finish: { _ in }
        )
        let context = tracer.startSpan("s", below: nil).context
        #expect(context.parent.text == "00-00000000000000000000000000000007-0000000000000009-01")
    }
}
