import Reactor
import Synchronization
import Testing

@testable import Telemetry

@Suite("Collector", .timeLimit(.minutes(1)))
struct CollectorClientTests {
    /// Lends a client of a collector.
    private func with<Value>(
        _ url: String,
        headers: [(String, String)] = [],
        _ body: (CollectorClient) async throws -> Value
    ) async throws -> Value {
        let reactor = try Reactor(name: "test")
        let client = CollectorClient(endpoint: url, headers: headers, userAgent: "tests/1", reactor: reactor)
        let result: Result<Value, any Error>
        do { result = .success(try await body(client)) } catch { result = .failure(error) }
        await client.shutdown()
        await reactor.shutdown()
        return try result.get()
    }

    /// Sends a document to a collector that behaves so.
    private func answer(
        headers: [(String, String)] = [],
        base: String = "",
        _ react: @escaping @Sendable (RawCollector.Request) -> RawCollector.Reaction
    ) async throws -> (CollectorAnswer, RawCollector.Request?) {
        let collector = try RawCollector(react: react)
        defer { collector.stop() }
        let answer = try await with(collector.url + base, headers: headers) { client in
            await client.post(Array("{}".utf8), within: .seconds(20))
        }
        return (answer, collector.requests.first)
    }

    @Test("a document is posted to /v1/traces as JSON, with the configured headers")
    func request() async throws {
        let headers = [("x-api-key", "k=1"), ("Authorization", "Basic abc=="), ("user-agent", "mine")]
        let (answer, request) = try await answer(headers: headers) { _ in .answer(httpAnswer("200 OK", body: "{}")) }
        #expect(answer == .accepted(rejected: 0))
        #expect(request?.target == "POST /v1/traces")
        #expect(request?.header("content-type") == "application/json")
        #expect(request?.header("user-agent") == "tests/1")
        #expect(request?.header("x-api-key") == "k=1")
        #expect(request?.header("authorization") == "Basic abc==")
        #expect(request?.body == Array("{}".utf8))
        #expect(request?.header("traceparent") == nil)
    }

    @Test("the path is added to the endpoint's with one slash", arguments: ["/base", "/base/", "/base//"])
    func endpoint(base: String) async throws {
        let (_, request) = try await answer(base: base) { _ in .answer(httpAnswer("200 OK")) }
        #expect(request?.target == "POST /base/v1/traces")
    }

    @Test("status, header and body of the answer are read")
    func answers() async throws {
        let (partial, _) = try await answer { _ in
            .answer(httpAnswer("200 OK", body: #"{"partialSuccess":{"rejectedSpans":"3"}}"#))
        }
        #expect(partial == .accepted(rejected: 3))
        let (busy, _) = try await answer { _ in .answer(httpAnswer("503 Busy", headers: ["Retry-After: 7"])) }
        #expect(busy == .unavailable("HTTP 503", retryAfter: .seconds(7)))
        let (moved, _) = try await answer { _ in .answer(httpAnswer("301 Moved", headers: ["Location: /elsewhere"])) }
        #expect(moved == .refused("HTTP 301"))
        let long = String(repeating: " ", count: 70_000)
        let (tooLong, _) = try await answer { _ in .answer(httpAnswer("200 OK", body: long)) }
        #expect(tooLong == .accepted(rejected: 0), "to send these again would double them")
    }

    @Test("a broken connection passes, and nothing of the headers is in the reason")
    func connections() async throws {
        let (reset, _) = try await answer(headers: [("x-api-key", "secret-abc")]) { _ in .reset }
        guard case .unavailable(let reason, nil) = reset else {
            Issue.record("\(reset)")
            return
        }
        #expect(!reason.contains("secret-abc") && !reason.isEmpty)
        let nobody = try await with("http://127.0.0.1:1") { await $0.post([], within: .seconds(20)) }
        #expect(nobody == .unavailable("connection refused", retryAfter: nil))
        let ended = try await with("http://127.0.0.1:1") { client in
            await client.shutdown()
            return await client.post([], within: .seconds(20))
        }
        guard case .unavailable(_, nil) = ended else {
            Issue.record("\(ended)")
            return
        }
    }

    @Test("a header that cannot be written sends nothing and shows nothing of its value")
    func unwritableHeader() async throws {
        let (answer, request) = try await answer(headers: [("x", "secret-abc\r\nY: z")]) { _ in .silence }
        guard case .unavailable(let reason, nil) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(request == nil && !reason.contains("secret-abc"))
    }

    @Test("an answer that does not come in time passes")
    func time() async throws {
        let collector = try RawCollector { _ in .silence }
        defer { collector.stop() }
        let answer = try await with(collector.url) { await $0.post([1], within: .milliseconds(100)) }
        #expect(answer == .unavailable("no answer in time", retryAfter: nil))
    }

    @Test("a request is given up with its task")
    func cancellation() async throws {
        let collector = try RawCollector { _ in .silence }
        defer { collector.stop() }
        try await with(collector.url) { client in
            let post = Task { await client.post([1], within: .seconds(600)) }
            while collector.requests.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
            post.cancel()
            guard case .unavailable = await post.value else {
                Issue.record("a cancelled request came to an answer")
                return
            }
        }
    }

    @Test("a collector that answers large documents before it has read them does no harm")
    func earlyAnswers() async throws {
        let collector = try RawCollector(early: httpAnswer("503 Busy", headers: ["Connection: close"]))
        defer { collector.stop() }
        try await with(collector.url) { client in
            let document = [UInt8](repeating: 0x20, count: 4_000_000)
            for _ in 0..<20 {
                guard case .unavailable = await client.post(document, within: .seconds(20)) else {
                    Issue.record("neither an answer nor a broken connection")
                    return
                }
            }
        }
    }

    @Test("exporter and client together: spans arrive as OTLP's JSON, again after a 503")
    func together() async throws {
        let alarm = Alarm()
        let ends = StandInCollector()
        let isBusy = Atomic(true)
        let collector = try RawCollector { _ in
            .answer(httpAnswer(isBusy.exchange(false, ordering: .relaxed) ? "503 Busy" : "200 OK", body: "{}"))
        }
        defer { collector.stop() }
        try await with(collector.url) { client in
            let exporter = SpanExporter(
                document: SpanFixture.document,
                post: { await client.post($0, within: $1) },
                count: { end, count in ends.state.withLock { $0.counts[end, default: 0] += count } },
                warn: { _ in },
                sleep: { try await alarm.sleep($0) }
            )
            exporter.start()
            for number in 0..<512 { exporter.take(SpanFixture.span(number)) }
            try await alarm.wake(.milliseconds(750)...(.seconds(1)))
            try await ends.until { $0.counts == [.exported: 512] }
            await exporter.finish(within: .seconds(3))
        }
        #expect(collector.requests.count == 2)
        let body = try #require(collector.requests.last?.body)
        #expect(try SpanFixture.spans(in: body).count == 512)
    }
}
