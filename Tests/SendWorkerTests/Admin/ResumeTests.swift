import HTTP
import HTTPCodec
import InstagramMessaging
import Synchronization
import Telemetry
import Testing

@testable import SendWorker

@Suite("Resuming on command", .timeLimit(.minutes(1)))
struct ResumeTests {
    /// Counts how often it is told to resume.
    private final class StubProvider: AdminProvider {
        let resumed = Mutex(0)

        func stalls() async -> [String] { [] }
        func hindrances() async -> [String] { [] }
        func status() async -> [UInt8] { [] }
        func account(_ id: String) async -> [UInt8]? { nil }

        func resume() async -> [UInt8] {
            resumed.withLock { $0 += 1 }
            let before = #"{"state":"paused","since":"2026-01-02T03:04:05.000Z","reason":"so"}"#
            return Array(#"{"before":\#(before),"after":{"state":"sending","since":null,"reason":null}}"#.utf8)
        }
    }

    private func withServer(
        token: String?,
        _ body: (StubProvider, String) async throws -> Void
    ) async throws {
        let provider = StubProvider()
        let server = AdminServer(
            host: "127.0.0.1",
            port: 0,
            reactor: TestReactor.shared,
            registry: try WorkerMetrics().registry,
            provider: provider,
            token: token.map(SecretText.init),
            logger: Logger.disabled
        )
        let (ports, announcement) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run { announcement.yield($0) } }
            let port = try #require(await ports.first { _ in true })
            try await body(provider, "http://127.0.0.1:\(port)")
            group.cancelAll()
        }
    }

    private func ask(
        _ base: String,
        _ method: HTTPMethod = .post,
        authorization: String?,
        headers: [(String, String)] = [],
        body: String = ""
    ) async throws -> (status: Int, headers: HTTPHeaders, body: String) {
        var all = HTTPHeaders(headers.map { (name: $0.0, value: $0.1) })
        if let authorization { all.add("Authorization", authorization) }
        let request = HTTPRequest(
            method: method,
            url: base + "/api/resume",
            headers: all,
            body: body.isEmpty ? nil : Array(body.utf8)
        )
        let response = try await TestReactor.client.response(to: request, timeout: .seconds(10))
        return (response.status, response.headers, String(decoding: response.body, as: UTF8.self))
    }

    @Test("the token's owner resumes, and sees the state before and after")
    func good() async throws {
        try await withServer(token: "se cret") { provider, base in
            for authorization in ["Bearer se cret", "bearer se cret"] {
                let answer = try await ask(base, authorization: authorization)
                #expect(answer.status == 200)
                #expect(answer.body.contains(#""after":{"state":"sending""#))
            }
            #expect(provider.resumed.withLock(\.self) == 2)
        }
    }

    @Test(
        "whoever has another token or none is refused",
        arguments: [nil, "", "Bearer", "Bearer ", "Bearer secre", "Bearer secret2", "Basic secret", "secret"]
    )
    func wrong(authorization: String?) async throws {
        try await withServer(token: "secret") { provider, base in
            let answer = try await ask(base, authorization: authorization)
            #expect(answer.status == 401)
            #expect(answer.headers.first("WWW-Authenticate") == "Bearer")
            #expect(!answer.body.contains("secre\""))
            #expect(provider.resumed.withLock(\.self) == 0)
        }
    }

    @Test("without a configured token nobody resumes, and the key is named")
    func unconfigured() async throws {
        try await withServer(token: nil) { provider, base in
            let answer = try await ask(base, authorization: "Bearer x")
            #expect(answer.status == 403)
            #expect(answer.body.contains("admin.token"))
            #expect(provider.resumed.withLock(\.self) == 0)
        }
    }

    @Test("another method than POST changes nothing", arguments: [HTTPMethod.get, .put, .delete, .patch])
    func method(_ method: HTTPMethod) async throws {
        try await withServer(token: "secret") { provider, base in
            let answer = try await ask(base, method, authorization: "Bearer secret")
            #expect(answer.status == 405)
            #expect(answer.headers.first("Allow") == "POST")
            #expect(provider.resumed.withLock(\.self) == 0)
        }
    }

    @Test(
        "a browser's page of another origin changes nothing, whatever it knows",
        arguments: ["null", "http://evil.example", "http://127.0.0.1", "file://", ""]
    )
    func origin(_ origin: String) async throws {
        try await withServer(token: "secret") { provider, base in
            let answer = try await ask(base, authorization: "Bearer secret", headers: [("Origin", origin)])
            #expect(answer.status == 403)
            #expect(!answer.headers.contains("Access-Control-Allow-Origin"))
            #expect(provider.resumed.withLock(\.self) == 0)
            let own = try await ask(base, authorization: "Bearer secret", headers: [("Origin", base)])
            #expect(own.status == 200)
        }
    }

    @Test("a body has to be JSON by its type")
    func bodyType() async throws {
        try await withServer(token: "secret") { provider, base in
            for type in ["text/plain", "application/x-www-form-urlencoded"] {
                let headers = [("Content-Type", type)]
                let answer = try await ask(base, authorization: "Bearer secret", headers: headers, body: "{}")
                #expect(answer.status == 415)
            }
            #expect(provider.resumed.withLock(\.self) == 0)
            let headers = [("Content-Type", "application/json; charset=utf-8")]
            let answer = try await ask(base, authorization: "Bearer secret", headers: headers, body: "{}")
            #expect(answer.status == 200)
        }
    }

    @Test("an empty token lets nobody resume")
    func emptyToken() async throws {
        try await withServer(token: "") { provider, base in
            let answer = try await ask(base, authorization: "Bearer ")
            #expect(answer.status == 403)
            #expect(provider.resumed.withLock(\.self) == 0)
        }
    }
}
