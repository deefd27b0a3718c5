import InstagramMessaging
import Synchronization
import Testing

@testable import SendWorker

/// The one promise everything rests on: a call that ends as not sent has not reached Graph.
@Suite("Graph transport: calls without an answer", .timeLimit(.minutes(1)))
struct CallDoubtTests {
    private func outcome(
        responseTimeout: Duration = .seconds(30),
        _ react: @escaping @Sendable (RawServer.Request) -> RawServer.Reaction
    ) async throws -> CallOutcome {
        try await outcome(RawServer.Script(react: react), responseTimeout: responseTimeout)
    }

    private func outcome(
        _ script: RawServer.Script,
        responseTimeout: Duration = .seconds(30)
    ) async throws -> CallOutcome {
        try await RawServer.with(script) { server in
            let transport = try TransportFixture.transport(to: server.url, responseTimeout: responseTimeout)
            return try await TransportFixture.withTransport(transport) { await $0.outcome() }
        }
    }

    private func expectUnknown(_ outcome: CallOutcome, _ category: ErrorCategory) {
        #expect(outcome.outcomeClass == .unknown)
        #expect(outcome.error?.category == category)
        #expect(outcome.wasStarted)
        #expect(outcome.error?.message.contains(TransportFixture.token) == false)
    }

    @Test("a reset after the request leaves it unknown")
    func resetAfterRequest() async throws {
        expectUnknown(try await outcome { _ in .reset }, .endpointUnavailable)
    }

    @Test("a close without an answer leaves it unknown")
    func closeAfterRequest() async throws {
        expectUnknown(try await outcome { _ in .answerAndClose("") }, .endpointUnavailable)
    }

    @Test("an answer that breaks off leaves it unknown")
    func partialAnswer() async throws {
        let partial = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"recipient_id\":\"5\",\"message_id\":\"m\"}"
        let outcome = try await outcome { _ in .answerAndClose(partial) }
        expectUnknown(outcome, .endpointUnavailable)
        #expect(outcome.isAnsweredUnknown, "its status is known")
    }

    @Test("something that is not HTTP leaves it unknown")
    func notHTTP() async throws {
        expectUnknown(try await outcome { _ in .answer("220 smtp.example.com ESMTP\r\n") }, .endpointUnavailable)
    }

    @Test("no answer within graph.responseTimeout leaves it unknown")
    func silence() async throws {
        let outcome = try await outcome(responseTimeout: .milliseconds(100)) { _ in .silence }
        expectUnknown(outcome, .timeout)
        #expect(outcome.error?.message.contains("100ms") == true)
    }

    @Test("an answer that never ends leaves it unknown at the time-out")
    func endlessAnswer() async throws {
        let start = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"
        expectUnknown(try await outcome(responseTimeout: .milliseconds(100)) { _ in .answer(start) }, .timeout)
    }

    @Test("an answer of more than 64 KiB is not read and leaves it unknown")
    func longAnswer() async throws {
        let body = #"{"recipient_id":"5","message_id":"m_1"}"#
        let padding = String(repeating: " ", count: GraphExchange.longestAnswer + 1 - body.utf8.count)
        let long = httpAnswer("200 OK", body: body + padding)
        expectUnknown(try await outcome { _ in .answer(long) }, .graphError)
    }

    @Test("an answer of exactly 64 KiB is read")
    func longestAnswer() async throws {
        let body = #"{"recipient_id":"5","message_id":"m_1"}"#
        let padding = String(repeating: " ", count: GraphExchange.longestAnswer - body.utf8.count)
        #expect(
            try await outcome { _ in .answer(httpAnswer("200 OK", body: body + padding)) }.outcomeClass == .delivered
        )
    }

    @Test(
        "a complete answer that is not Graph's is judged by its status",
        arguments: [
            ("200 OK", OutcomeClass.unknown), ("502 Bad Gateway", .unknown), ("429 Too Many Requests", .throttled),
        ]
    )
    func html(status: String, expected: OutcomeClass) async throws {
        let page = httpAnswer(status, headers: ["Content-Type: text/html"], body: "<html>busy</html>")
        #expect(try await outcome { _ in .answer(page) }.outcomeClass == expected)
    }

    @Test("Retry-After reaches the engine")
    func retryAfter() async throws {
        let answer = httpAnswer("429 Too Many Requests", headers: ["retry-after: 7"], body: "")
        #expect(try await outcome { _ in .answer(answer) }.retryAfterMilliseconds == 7000)
    }

    @Test("a reset before anything is read ends the call, and no request was received")
    func resetOnAccept() async throws {
        let script = RawServer.Script(
            welcome: { _ in .reset },
            react: { _ in
                Issue.record("the server read a request")
                return .silence
            }
        )
        let outcome = try await outcome(script)
        #expect([.notSent, .unknown].contains(outcome.outcomeClass))
    }

    @Test("a refused connection is not sent, at once")
    func refused() async throws {
        let port = try await RawServer.with(RawServer.Script { _ in .silence }) { $0.port }
        let transport = try TransportFixture.transport(to: "http://127.0.0.1:\(port)", connectTimeout: .seconds(50))
        try await TransportFixture.withTransport(transport) { transport in
            let outcome = await transport.outcome()
            #expect(outcome.outcomeClass == .notSent)
            #expect(outcome.error?.category == .endpointUnavailable)
            #expect(outcome.error?.message == "127.0.0.1:\(port): connection refused; nothing was sent")
        }
    }

    @Test("a name that does not resolve is not sent")
    func unresolved() async throws {
        let transport = try TransportFixture.transport(to: "http://nowhere.invalid", connectTimeout: .seconds(2))
        try await TransportFixture.withTransport(transport) { transport in
            let outcome = await transport.outcome()
            #expect(outcome.outcomeClass == .notSent)
            #expect(outcome.error?.category == .endpointUnavailable)
            #expect(outcome.error?.message.contains("nowhere.invalid") == true)
        }
    }

    @Test("a server that speaks no TLS is not sent")
    func noTLS() async throws {
        try await RawServer.with(
            RawServer.Script { _ in
                Issue.record("the server read a request")
                return .silence
            }
        ) { server in
            let transport = try TransportFixture.transport(
                to: "https://127.0.0.1:\(server.port)",
                connectTimeout: .milliseconds(500)
            )
            try await TransportFixture.withTransport(transport) { transport in
                #expect(await transport.outcome().outcomeClass == .notSent)
            }
        }
    }

    @Test("a call for which no connection is free in time is not sent; the one that runs is unknown after the shutdown")
    func exhausted() async throws {
        try await RawServer.with(RawServer.Script { _ in .silence }) { server in
            let transport = try TransportFixture.transport(
                to: server.url,
                maxInFlight: 1,
                connectTimeout: .milliseconds(300)
            )
            let first = Task { await transport.outcome(of: TransportFixture.call("first")) }
            while server.requests.isEmpty { await Task.yield() }
            let second = await transport.outcome(of: TransportFixture.call("second"))
            #expect(second.outcomeClass == .notSent)
            #expect(second.error?.category == .timeout)
            #expect(second.error?.message.contains("worker.maxInFlight") == true)
            await transport.shutdown()
            #expect(await first.value.outcomeClass == .unknown)
            #expect(await transport.outcome().outcomeClass == .notSent)
            #expect(server.requests.map(\.body) == ["first"])
        }
    }

    @Test("calls that wait at the shutdown end as not sent, each once")
    func shutdownWithWaiting() async throws {
        try await RawServer.with(RawServer.Script { _ in .silence }) { server in
            let transport = try TransportFixture.transport(to: server.url, maxInFlight: 2)
            let outcomes = await withTaskGroup(of: CallOutcome.self) { group in
                for _ in 0..<20 { group.addTask { await transport.outcome() } }
                while server.requests.count < 2 { await Task.yield() }
                await transport.shutdown()
                return await group.reduce(into: []) { $0.append($1.outcomeClass) }
            }
            #expect(outcomes.count { $0 == .unknown } == 2)
            #expect(outcomes.count { $0 == .notSent } == 18)
        }
    }
}
