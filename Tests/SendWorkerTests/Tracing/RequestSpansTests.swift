import InstagramMessaging
import KafkaClient
import SendEngine
import Synchronization
import Telemetry
import Testing

@testable import SendWorker

@Suite("Spans of requests", .timeLimit(.minutes(1)))
struct RequestSpansTests {
    private static let call = PendingRequest.PreparedCall(
        body: Array(#"{"message":{"text":"private words"}}"#.utf8),
        expectsMessageID: true,
        kind: .text,
        media: []
    )
    private let id = RecordID(partition: 3, offset: 17, epoch: 1)

    private func pending(_ headers: (String, String)...) -> PendingRequest {
        let record = KafkaRecord(
            topic: "requests",
            partition: 3,
            offset: 17,
            timestamp: 1,
            key: Array("1".utf8),
            value: Array("{}".utf8),
            headers: headers.map { KafkaHeader(name: $0.0, value: Array($0.1.utf8)) }
        )
        return PendingRequest(record: record, requestID: "r", accountID: "1", recipientID: "5", call: Self.call)
    }

    private func result(_ status: SendResult.Status, _ category: ErrorCategory? = nil) -> SendResult {
        SendResult(
            requestID: "r",
            accountID: "1",
            recipientID: "5",
            status: status,
            attempts: 2,
            possibleDuplicate: false,
            error: category.map { SendError(category: $0, message: "private words") },
            receivedAt: Timestamp(millisecondsSinceEpoch: 1),
            completedAt: Timestamp(millisecondsSinceEpoch: 2),
            source: SendResult.Source(topic: "requests", partition: 3, offset: 17),
            context: nil
        )
    }

    private func spans(_ tracer: SpanTracer) -> RequestSpans {
        RequestSpans(RequestTracing(tracer: tracer, graphBaseURL: "https://graph.example.com/base"))
    }

    private func texts(_ headers: [(String, String)]) -> [String] { headers.map { "\($0.0): \($0.1)" } }

    @Test("without tracing the trace headers go to the call as they came, unless they are none")
    func off() {
        var spans = RequestSpans(nil)
        let pending = pending(("traceparent", "junk"), ("other", "x"), ("tracestate", "A=1"))
        spans.begin(id, pending)
        let (headers, span) = spans.beginCall(of: id, pending, attempt: 1)
        #expect(headers.isEmpty, "W3C says to ignore it")
        #expect(span == nil)
        spans.note(result(.sent), of: id)
        spans.end([id])
    }

    @Test("a request and its calls are one tree below the request's own context")
    func tree() throws {
        let recorder = SpanRecorder()
        var spans = spans(recorder.tracer(ratio: 0))
        let pending = pending(("traceparent", SpanRecorder.exampleParent), ("tracestate", "a=1"))
        spans.begin(id, pending)
        let (first, firstSpan) = spans.beginCall(of: id, pending, attempt: 1)
        let throttle = SendError(
            category: .throttled,
            message: "private words",
            httpStatus: 429,
            code: 613,
            subcode: 4,
            traceID: "AbC"
        )
        firstSpan?.end(CallOutcome(outcomeClass: .throttled, error: throttle, httpStatus: 429))
        let (second, secondSpan) = spans.beginCall(of: id, pending, attempt: 2)
        secondSpan?.end(CallOutcome(outcomeClass: .delivered, error: nil, messageID: "mid", httpStatus: 200))
        spans.note(result(.sent), of: id)
        #expect(recorder.spans.count == 2, "a request ends when its result is durable")
        spans.end([id])

        let all = recorder.spans
        #expect(all.map(\.name) == ["POST /{ig-id}/messages", "POST /{ig-id}/messages", "instagram.send"])
        let request = try #require(all.last)
        #expect(request.kind == .consumer && request.parent?.spanID.description == "b7ad6b7169203331")
        #expect(
            request.attributes == [
                "messaging.system": "kafka", "messaging.operation.name": "process",
                "messaging.operation.type": "process", "messaging.destination.name": "requests",
                "messaging.destination.partition.id": "3",
                "messaging.kafka.offset": 17, "send_worker.request_id": "r", "send_worker.account_id": "1",
                "send_worker.kind": "text", "send_worker.status": "sent", "send_worker.attempts": 2,
            ]
        )
        #expect(request.status == nil)
        for (call, headers) in zip(all, [first, second]) {
            #expect(call.kind == .client)
            #expect(call.parent?.spanID == request.trace.parent.spanID)
            #expect(call.parent?.isRemote == false)
            let trace = "0af7651916cd43dd8448eb211c80319c"
            let expected = ["traceparent: 00-\(trace)-\(call.trace.parent.spanID)-01", "tracestate: a=1"]
            #expect(texts(headers) == expected)
        }
        #expect(
            all[0].attributes == [
                "http.request.method": "POST", "url.template": "/{ig-id}/messages",
                "server.address": "graph.example.com", "server.port": 443, "send_worker.attempt": 1,
                "send_worker.outcome": "throttled",
                "http.response.status_code": 429, "error.type": "429", "send_worker.error.category": "throttled",
                "send_worker.graph.code": 613, "send_worker.graph.subcode": 4, "send_worker.graph.fbtrace_id": "AbC",
            ]
        )
        #expect(all[0].status == SpanStatus(code: .error, message: "throttled"))
        #expect(
            all[1].attributes == [
                "http.request.method": "POST", "url.template": "/{ig-id}/messages",
                "server.address": "graph.example.com", "server.port": 443, "send_worker.attempt": 2,
                "http.request.resend_count": 1,
                "send_worker.outcome": "delivered", "http.response.status_code": 200,
            ]
        )
        #expect(all[1].status == nil)
    }

    @Test("nothing of the message and of what errors say is in a span")
    func secrets() throws {
        let recorder = SpanRecorder()
        var spans = spans(recorder.tracer())
        spans.begin(id, pending())
        let call = spans.beginCall(of: id, pending(), attempt: 1).span
        call?.end(.unknown("private words", category: .timeout))
        spans.note(result(.unknown, .timeout), of: id)
        spans.end([id])
        let document = SpanDocument(resource: [:], scope: SpanDocument.Scope(name: "tests", version: "1"))
        let text = String(decoding: document.encode(recorder.spans), as: UTF8.self)
        #expect(!text.contains("private words"))
        let timeout = SpanStatus(code: .error, message: "timeout")
        #expect(recorder.spans.map(\.status) == [timeout, timeout])
        #expect(recorder.spans.first?.attributes["error.type"] == "timeout")
    }

    @Test("of a trace that is not recorded the well-formed context goes on, and nothing that is malformed")
    func unrecorded() {
        let recorder = SpanRecorder()
        var spans = spans(recorder.tracer(ratio: 0))
        let unsampled = String(SpanRecorder.exampleParent.dropLast(2) + "00")
        for (pending, expected) in [
            (
                pending(("traceparent", unsampled), ("tracestate", "a=1")),
                ["traceparent: \(unsampled)", "tracestate: a=1"]
            ),
            (pending(("traceparent", "junk"), ("tracestate", "a=1")), []), (pending(), []),
        ] {
            spans.begin(id, pending)
            let (headers, span) = spans.beginCall(of: id, pending, attempt: 1)
            #expect(texts(headers) == expected)
            #expect(span == nil)
            spans.end([id])
        }
        #expect(recorder.spans.isEmpty)
    }

    @Test("a malformed context begins a trace of its own, which the call carries")
    func newTrace() throws {
        let recorder = SpanRecorder()
        var spans = spans(recorder.tracer())
        let pending = pending(("traceparent", SpanRecorder.exampleParent.replacing("00-", with: "ff-")))
        spans.begin(id, pending)
        let (headers, call) = spans.beginCall(of: id, pending, attempt: 1)
        call?.end(CallOutcome(outcomeClass: .delivered, error: nil))
        spans.end([id])
        let (inner, outer) = (try #require(recorder.spans.first), try #require(recorder.spans.last))
        #expect(outer.parent == nil && inner.parent?.spanID == outer.trace.parent.spanID)
        #expect(texts(headers) == ["traceparent: \(inner.trace.parent.text)"])
        #expect(outer.trace.parent.traceID.description != "0af7651916cd43dd8448eb211c80319c")
    }

    @Test("what is taken away before its end is given up")
    func givenUp() throws {
        let recorder = SpanRecorder()
        var spans = spans(recorder.tracer())
        let other = RecordID(partition: 4, offset: 1, epoch: 1)
        spans.begin(id, pending())
        spans.begin(other, pending())
        spans.giveUp([3])
        #expect(recorder.spans.count == 1)
        #expect(recorder.spans.first?.attributes["send_worker.status"] == "given_up")
        spans.end([id, other])
        #expect(recorder.spans.count == 2)
    }

    @Test("the loop makes the spans of a request and of its call, and hands the context to the call")
    func loop() async throws {
        let recorder = SpanRecorder()
        let tracing = RequestTracing(tracer: recorder.tracer(), graphBaseURL: "http://127.0.0.1:1")
        let stage = LoopStage(tracing: tracing)
        stage.state.withLock { $0.outcomes = [.nothing] }
        try await stage.assign([0])
        stage.take(offsets: 0..<1)
        try await stage.until { $0.entries.count == 1 }
        // The span ends when the loop hears of it, which is after the committer has done its part.
        while recorder.spans.count < 2 { try await Task.sleep(for: .milliseconds(1)) }
        let (call, request) = (try #require(recorder.spans.first), try #require(recorder.spans.last))
        #expect(call.name == "POST /{ig-id}/messages" && request.name == "instagram.send")
        #expect(call.parent?.spanID == request.trace.parent.spanID)
        #expect(call.trace.parent.traceID == request.trace.parent.traceID)
        #expect(call.attributes["server.address"] == "127.0.0.1" && call.attributes["server.port"] == 1)
        #expect(request.attributes["send_worker.status"] == "sent")
        await stage.end()
        #expect(recorder.spans.count == 2)
    }

    @Test("requests that the loop never finishes are given up with their partition")
    func loopGivesUp() async throws {
        let recorder = SpanRecorder()
        let stage = LoopStage(
            answersAtOnce: false,
            tracing: RequestTracing(tracer: recorder.tracer(), graphBaseURL: "http://127.0.0.1:1")
        )
        try await stage.assign([0])
        stage.take(offsets: 0..<2)
        try await stage.until { $0.calls == 1 }
        stage.loop.post(.lost([0]))
        stage.answerAll()
        while recorder.spans.count < 3 { try await Task.sleep(for: .milliseconds(1)) }
        let statuses = recorder.spans.map { $0.attributes["send_worker.status"] }
        #expect(statuses.filter { $0 == "given_up" }.count == 2)
        await stage.end()
    }
}
