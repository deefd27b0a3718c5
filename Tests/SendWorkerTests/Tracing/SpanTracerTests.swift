import KafkaClient
import Synchronization
import Telemetry
import Testing

@testable import SendWorker

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

    private func context(_ headers: (String, String)..., tracer: SpanTracer) -> InstrumentationContext {
        var context = InstrumentationContext.topLevel
        let headers = headers.map { KafkaHeader(name: $0.0, value: Array($0.1.utf8)) }
        tracer.extract(headers, into: &context, using: KafkaHeaderExtractor())
        return context
    }

    private func fields(_ context: InstrumentationContext, tracer: SpanTracer) -> [String] {
        var fields: [(String, String)] = []
        tracer.inject(context, into: &fields, using: HTTPFieldInjector())
        return fields.map { "\($0.0): \($0.1)" }
    }

    @Test("a span of a trace that is recorded is recorded with the parent that the headers name")
    func remoteParent() throws {
        let tracer = recorder.tracer(ratio: 0)
        let context = context(("traceparent", TraceParentTests.example), ("tracestate", "a=1"), tracer: tracer)
        let span = tracer.startSpan("s", context: context, ofKind: .consumer)
        #expect(span.isRecording)
        span.end()
        #expect(!span.isRecording)
        let finished = try #require(recorder.spans.first)
        #expect(finished.parent?.spanID.description == "b7ad6b7169203331")
        #expect(finished.parent?.isRemote == true)
        #expect(finished.trace.parent.traceID.description == "0af7651916cd43dd8448eb211c80319c")
        #expect(finished.trace.state?.text == "a=1")
        let own = "00-0af7651916cd43dd8448eb211c80319c-\(finished.trace.parent.spanID)-01"
        #expect(fields(span.context, tracer: tracer) == ["traceparent: \(own)", "tracestate: a=1"])
        #expect(finished.trace.parent.spanID != finished.parent?.spanID)
    }

    @Test("a trace that nobody records is not recorded here either, whatever the ratio")
    func unsampledParent() {
        let tracer = recorder.tracer(ratio: 1)
        let context = context(("traceparent", TraceParentTests.example.dropLast(2) + "00"), tracer: tracer)
        let span = tracer.startSpan("s", context: context)
        #expect(!span.isRecording)
        span.end()
        #expect(recorder.spans.isEmpty)
        #expect(fields(context, tracer: tracer) == ["traceparent: \(TraceParentTests.example.dropLast(2))00"])
    }

    @Test("where a trace begins the ratio decides, and its children follow")
    func root() throws {
        for (ratio, isRecorded) in [(0.0, false), (1.0, true)] {
            let tracer = recorder.tracer(ratio: ratio)
            let span = tracer.startSpan("root", context: .topLevel)
            let child = tracer.startSpan("child", context: span.context)
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

    @Test("headers that are malformed, doubled or not text begin a trace of their own")
    func malformedHeaders() {
        let tracer = recorder.tracer()
        let twice = context(
            ("traceparent", TraceParentTests.example),
            ("traceparent", TraceParentTests.example),
            tracer: tracer
        )
        let bytes = [KafkaHeader(name: "traceparent", value: [0xff]), KafkaHeader(name: "tracestate", value: nil)]
        var notText = InstrumentationContext.topLevel
        tracer.extract(bytes, into: &notText, using: KafkaHeaderExtractor())
        let stateOnly = context(("tracestate", "a=1"), tracer: tracer)
        let junk = context(("traceparent", "junk"), ("tracestate", "a=1"), tracer: tracer)
        for context in [twice, notText, stateOnly, junk] {
            #expect(context.traceContext == nil)
            #expect(fields(context, tracer: tracer) == [])
            #expect(tracer.startSpan("s", context: context).context.traceContext?.state == nil)
        }
    }

    @Test("a malformed tracestate does not harm the trace; several are one")
    func states() {
        let tracer = recorder.tracer()
        let broken = context(("traceparent", TraceParentTests.example), ("tracestate", "A=1"), tracer: tracer)
        #expect(fields(broken, tracer: tracer) == ["traceparent: \(TraceParentTests.example)"])
        let two = context(
            ("tracestate", "a=1"),
            ("traceparent", TraceParentTests.example),
            ("tracestate", "b=2"),
            tracer: tracer
        )
        #expect(fields(two, tracer: tracer).last == "tracestate: a=1,b=2")
    }

    @Test("a span keeps what it was told until its end, and nothing after it")
    func contents() throws {
        struct Secretive: Error {}
        let span = recorder.tracer().startSpan("before", context: .topLevel, ofKind: .client)
        span.operationName = "after"
        span.attributes["n"] = 1
        span.updateAttributes { $0["t"] = "text" }
        span.addEvent(SpanEvent(name: "event"))
        span.recordError(Secretive())
        span.setStatus(SpanStatus(code: .error, message: "why"))
        span.end(at: DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: 1))
        span.attributes["late"] = 1
        span.end()
        let finished = try #require(recorder.spans.first)
        #expect(recorder.spans.count == 1)
        #expect(finished.name == "after" && finished.kind == .client)
        #expect(finished.attributes == ["n": 1, "t": "text"])
        #expect(finished.events.map(\.name) == ["event", "exception"])
        #expect(finished.status == SpanStatus(code: .error, message: "why"))
        #expect(finished.end == finished.start, "a clock that went back must not make a span end before its start")
    }
}
