import KafkaClient
import Telemetry
import Testing

@testable import SendWorker

@Suite("Trace context of records")
struct KafkaTraceContextTests {
    private let example = SpanRecorder.exampleParent

    private func context(_ headers: (String, String)...) -> TraceContext? {
        TraceContext(headers.map { KafkaHeader(name: $0.0, value: Array($0.1.utf8)) })
    }

    private func texts(_ context: TraceContext?) -> [String]? { context?.headers.map { "\($0.0): \($0.1)" } }

    @Test("the headers of a record name its trace")
    func headers() {
        let found = context(("other", "x"), ("traceparent", example), ("tracestate", "a=1"))
        #expect(texts(found) == ["traceparent: \(example)", "tracestate: a=1"])
        #expect(found?.isRemote == true)
    }

    @Test("headers that are malformed, doubled or not text name none")
    func malformed() {
        #expect(context() == nil)
        #expect(context(("tracestate", "a=1")) == nil)
        #expect(context(("traceparent", "junk"), ("tracestate", "a=1")) == nil)
        #expect(context(("traceparent", example), ("traceparent", example)) == nil)
        let bytes = [KafkaHeader(name: "traceparent", value: [0xff]), KafkaHeader(name: "tracestate", value: nil)]
        #expect(TraceContext(bytes) == nil)
    }

    @Test("a malformed tracestate does not harm the trace; several are one")
    func states() {
        #expect(texts(context(("traceparent", example), ("tracestate", "A=1"))) == ["traceparent: \(example)"])
        let two = context(("tracestate", "a=1"), ("traceparent", example), ("tracestate", "b=2"))
        #expect(texts(two)?.last == "tracestate: a=1,b=2")
    }
}
