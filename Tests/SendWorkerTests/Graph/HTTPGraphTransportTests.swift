import InstagramMessaging
import Testing

@testable import SendWorker

@Suite("Graph transport: the call", .timeLimit(.minutes(1)))
struct HTTPGraphTransportTests {
    @Test("the request is the documented one")
    func request() async throws {
        try await RawServer.with(RawServer.Script { _ in .answer(TransportFixture.delivered) }) { server in
            let transport = try TransportFixture.transport(to: server.url + "/base/")
            try await TransportFixture.withTransport(transport) { transport in
                let headers = [
                    ("traceparent", "00-a-b-01"), ("Host", "evil"), ("bad name", "x"), ("x-break", "a\r\nb"),
                ]
                let call = TransportFixture.call(#"{"recipient":{"id":"5"}}"#, headers: headers)
                let outcome = await transport.outcome(of: call)
                #expect(outcome.outcomeClass == .delivered)
                #expect(outcome.messageID == "m_1")
            }
            let request = try #require(server.requests.first)
            #expect(request.target == "POST /base/v23.0/\(TransportFixture.account)/messages")
            #expect(request.header("authorization") == "Bearer \(TransportFixture.token)")
            #expect(request.header("content-type") == "application/json")
            #expect(request.header("host") == "127.0.0.1:\(server.port)")
            #expect(request.header("traceparent") == "00-a-b-01")
            #expect(request.header("accept-encoding") == "identity")
            #expect(request.header("x-break") == nil)
            #expect(request.header("bad name") == nil)
            #expect(request.body == #"{"recipient":{"id":"5"}}"#)
        }
    }

    @Test("with an app secret the proof is in the query, as HMAC-SHA256 in hexadecimal")
    func proof() async throws {
        try await RawServer.with(RawServer.Script { _ in .answer(TransportFixture.delivered) }) { server in
            let transport = try TransportFixture.transport(to: server.url, appSecret: "key", token: "token")
            try await TransportFixture.withTransport(transport) { _ = await $0.outcome() }
            // printf token | openssl dgst -sha256 -hmac key
            let proof = "646b8eac0c4ae4178299c9bd924e2bf073dfb07e024901a8c864f65b9462bf0d"
            #expect(
                server.requests.first?.target
                    == "POST /v23.0/\(TransportFixture.account)/messages?appsecret_proof=\(proof)"
            )
        }
    }

    @Test("an account without a token makes no call")
    func missingToken() async throws {
        try await RawServer.with(RawServer.Script { _ in .silence }) { server in
            let transport = try TransportFixture.transport(to: server.url)
            try await TransportFixture.withTransport(transport) { transport in
                let outcome = await transport.outcome(of: TransportFixture.call(account: "99"))
                #expect(outcome.outcomeClass == .tokenDead)
                #expect(!outcome.wasStarted)
            }
            #expect(server.connections == 0)
        }
    }

    @Test("a token that no header can hold makes no call and is not shown", arguments: ["", "abc\r\nX: y", "a b", "ä"])
    func brokenToken(token: String) async throws {
        try await RawServer.with(RawServer.Script { _ in .silence }) { server in
            let transport = try TransportFixture.transport(to: server.url, token: token)
            try await TransportFixture.withTransport(transport) { transport in
                let outcome = await transport.outcome()
                #expect(outcome.outcomeClass == .tokenDead)
                #expect(!outcome.wasStarted)
                #expect(token.isEmpty || outcome.error?.message.contains(token) == false)
            }
            #expect(server.connections == 0)
        }
    }

    @Test("an account id that would change the URL makes no call", arguments: ["", "1/../2", "1?x", "٣"])
    func brokenAccount(account: String) async throws {
        try await RawServer.with(RawServer.Script { _ in .silence }) { server in
            let settings = GraphSettings(baseURL: server.url)
            let tokens = FixedTokens([:], everyone: "t")
            let transport = try HTTPGraphTransport(
                settings: settings,
                tokens: tokens,
                reactor: TestReactor.shared,
                now: { Timestamp(millisecondsSinceEpoch: 0) }
            )
            try await TransportFixture.withTransport(transport) { transport in
                let outcome = await transport.outcome(of: TransportFixture.call(account: account))
                #expect(outcome.outcomeClass == .refused)
                #expect(!outcome.wasStarted)
            }
            #expect(server.connections == 0)
        }
    }

    @Test(
        "a base URL or version that cannot be called names its key",
        arguments: [
            ("graph.instagram.com", "v23.0", "graph.baseURL"), ("ftp://x", "v23.0", "graph.baseURL"),
            ("https://x?y=1", "v23.0", "graph.baseURL"), ("https://x", "", "graph.version"),
            ("https://x", "v2/3", "graph.version"),
        ]
    )
    func settings(baseURL: String, version: String, key: String) {
        let error = #expect(throws: InvalidGraphSettings.self) {
            try GraphEndpoint(baseURL: baseURL, version: version)
        }
        #expect(error?.key == key)
    }

    @Test("connections are used again, one call at a time")
    func reuse() async throws {
        try await RawServer.with(RawServer.Script { _ in .answer(TransportFixture.delivered) }) { server in
            let transport = try TransportFixture.transport(to: server.url)
            try await TransportFixture.withTransport(transport) { transport in
                for _ in 0..<20 { #expect(await transport.outcome().outcomeClass == .delivered) }
            }
            #expect(server.connections == 1)
        }
    }

    @Test("a redirect is not followed")
    func redirect() async throws {
        let answer = httpAnswer("307 Temporary Redirect", headers: ["Location: /elsewhere"], body: "")
        try await RawServer.with(RawServer.Script { _ in .answer(answer) }) { server in
            let transport = try TransportFixture.transport(to: server.url)
            try await TransportFixture.withTransport(transport) { transport in
                #expect(await transport.outcome().outcomeClass != .delivered)
            }
            #expect(server.requests.count == 1)
        }
    }
}
