import Synchronization
import Testing

@testable import SendWorker

@Suite("Collector", .timeLimit(.minutes(1)))
struct CollectorClientTests {
    /// Sends a document to a collector that behaves so.
    private func answer(
        _ document: [UInt8] = Array("{}".utf8),
        headers: [(String, String)] = [],
        _ react: @escaping @Sendable (RawServer.Request) -> RawServer.Reaction
    ) async throws -> (CollectorAnswer, RawServer.Request?) {
        try await RawServer.with(RawServer.Script(react: react)) { server in
            let client = CollectorClient(endpoint: server.url, headers: headers)
            let answer = await client.post(document)
            await client.shutdown()
            return (answer, server.requests.first)
        }
    }

    @Test("a document is posted to /v1/traces as JSON, with the configured headers")
    func request() async throws {
        let (answer, request) = try await answer(headers: [("x-api-key", "k=1"), ("Authorization", "Basic abc==")]) {
            _ in
            .answer(httpAnswer("200 OK", body: "{}"))
        }
        #expect(answer == .accepted(rejected: 0))
        #expect(request?.target == "POST /v1/traces")
        #expect(request?.header("content-type") == "application/json")
        #expect(request?.header("user-agent")?.hasPrefix("instagram-send-worker/") == true)
        #expect(request?.header("x-api-key") == "k=1")
        #expect(request?.header("authorization") == "Basic abc==")
        #expect(request?.body == "{}")
    }

    @Test("a partial success tells how many spans were rejected")
    func partialSuccess() async throws {
        for (body, rejected) in [
            (#"{"partialSuccess":{"rejectedSpans":"3","errorMessage":"m"}}"#, 3),
            (#"{"partialSuccess":{"rejectedSpans":2}}"#, 2), (#"{"partialSuccess":{"rejectedSpans":"-1"}}"#, 0),
            (#"{"partialSuccess":{}}"#, 0), ("", 0), ("junk", 0),
        ] {
            let (answer, _) = try await answer { _ in .answer(httpAnswer("200 OK", body: body)) }
            #expect(answer == .accepted(rejected: rejected), "\(body)")
        }
    }

    @Test("overload and gateways in trouble pass, with the time they ask for; all else is a refusal")
    func statuses() async throws {
        for status in [429, 502, 503, 504] {
            let (answer, _) = try await answer { _ in
                .answer(httpAnswer("\(status) X", headers: ["Retry-After: 7"], body: ""))
            }
            #expect(answer == .unavailable("HTTP \(status)", retryAfter: .seconds(7)))
        }
        for retryAfter in ["-1", "soon", "Wed, 21 Oct 2015 07:28:00 GMT"] {
            let (answer, _) = try await answer { _ in
                .answer(httpAnswer("503 X", headers: ["Retry-After: \(retryAfter)"], body: ""))
            }
            #expect(answer == .unavailable("HTTP 503", retryAfter: nil))
        }
        for status in [301, 400, 401, 404, 413, 500] {
            let (answer, _) = try await answer { _ in
                .answer(httpAnswer("\(status) X", headers: ["Location: /elsewhere"], body: "secret-abc"))
            }
            #expect(answer == .refused("HTTP \(status)"))
        }
    }

    @Test("a broken connection passes, and nothing of the headers is told")
    func connections() async throws {
        let (reset, _) = try await answer(headers: [("x-api-key", "secret-abc")]) { _ in .reset }
        guard case .unavailable(let reason, nil) = reset else {
            Issue.record("\(reset)")
            return
        }
        #expect(!reason.contains("secret-abc"))
        let nobody = CollectorClient(endpoint: "http://127.0.0.1:1", headers: [])
        #expect(await nobody.post([]) == .unavailable("connection refused", retryAfter: nil))
        await nobody.shutdown()
        #expect(await nobody.post([]) == .unavailable("the worker is shutting down", retryAfter: nil))
    }

    @Test("a request is given up with its task")
    func cancellation() async throws {
        try await RawServer.with(RawServer.Script { _ in .silence }) { server in
            let client = CollectorClient(endpoint: server.url, headers: [])
            let post = Task { await client.post([1]) }
            while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
            post.cancel()
            guard case .unavailable = await post.value else {
                Issue.record("a cancelled request came to an answer")
                return
            }
            await client.shutdown()
        }
    }

    @Test("a collector that answers large documents before it has read them does no harm")
    func earlyAnswers() async throws {
        let refusal = httpAnswer("503 Busy", headers: ["Connection: close"], body: "")
        try await HastyServer.with(refusal) { url in
            let client = CollectorClient(endpoint: url, headers: [])
            let document = [UInt8](repeating: 0x20, count: 4_000_000)
            for _ in 0..<20 {
                guard case .unavailable = await client.post(document) else {
                    Issue.record("neither an answer nor a broken connection")
                    return
                }
            }
            await client.shutdown()
        }
    }

    @Test("exporter and client together: spans arrive as OTLP's JSON, again after a 503")
    func together() async throws {
        let alarm = Alarm()
        let ends = StandInCollector()
        let isBusy = Atomic(true)
        let script = RawServer.Script { _ in
            isBusy.exchange(false, ordering: .relaxed)
                ? .answer(httpAnswer("503 Busy", body: "")) : .answer(httpAnswer("200 OK", body: "{}"))
        }
        try await RawServer.with(script) { server in
            let client = CollectorClient(endpoint: server.url, headers: [])
            let exporter = SpanExporter(
                document: SpanFixture.document,
                post: { await client.post($0) },
                count: { end, count in ends.state.withLock { $0.counts[end, default: 0] += count } },
                warn: { _ in },
                sleep: { try await alarm.sleep($0) }
            )
            exporter.start()
            for number in 0..<512 { exporter.take(SpanFixture.span(number)) }
            try await alarm.wake(.milliseconds(750)...(.seconds(1)))
            try await ends.until { $0.counts == [.exported: 512] }
            await exporter.finish(within: .seconds(3))
            await client.shutdown()
            #expect(server.requests.count == 2)
            let body = try #require(server.requests.last?.body)
            #expect(try SpanFixture.spans(in: body.utf8).count == 512)
        }
    }
}
