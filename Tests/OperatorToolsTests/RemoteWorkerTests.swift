import OperatorTools
import Reactor
import Telemetry
import Testing

@testable import SendWorker

@Suite("Resuming a worker from elsewhere", .timeLimit(.minutes(1)))
struct RemoteWorkerTests {
    /// A worker that was paused.
    private struct StubProvider: AdminProvider {
        func stalls() async -> [String] { [] }
        func hindrances() async -> [String] { [] }
        func status() async -> [UInt8] { [] }
        func account(_ id: String) async -> [UInt8]? { nil }

        func resume() async -> [UInt8] {
            let before = #"{"state":"paused","since":"2026-01-02T03:04:05.000Z","reason":"so"}"#
            return Array(#"{"before":\#(before),"after":{"state":"sending","since":null,"reason":null}}"#.utf8)
        }
    }

    private func withServer(token: String, _ body: (String) async throws -> Void) async throws {
        let reactor = try Reactor(name: "test")
        let server = AdminServer(
            host: "127.0.0.1",
            port: 0,
            reactor: reactor,
            registry: try WorkerMetrics().registry,
            provider: StubProvider(),
            token: SecretText(token),
            logger: Logger.disabled
        )
        let (ports, announcement) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run { announcement.yield($0) } }
            let port = try #require(await ports.first { _ in true })
            try await body("http://127.0.0.1:\(port)")
            group.cancelAll()
        }
        await reactor.shutdown()
    }

    @Test("the token's owner resumes, and sees the state before and after")
    func good() async throws {
        try await withServer(token: "se cret") { base in
            let resumption = try await RemoteWorker(base: base).resume(token: SecretText("se cret"))
            #expect(resumption.before.isPaused)
            #expect(resumption.before.since == "2026-01-02T03:04:05.000Z")
            #expect(!resumption.after.isPaused)
        }
    }

    @Test("the command says who does not answer, what refuses, and never the token")
    func commandFailures() async throws {
        try await withServer(token: "secret") { base in
            let failure = await #expect(throws: WorkerFailure.self) {
                try await RemoteWorker(base: base).resume(token: SecretText("another"))
            }
            #expect(failure?.kind == .failed)
            #expect(failure?.description.contains("does not take this admin.token") == true)
            #expect(failure?.description.contains("another") == false)
        }
        let nobody = await #expect(throws: WorkerFailure.self) {
            try await RemoteWorker(base: "http://127.0.0.1:1").resume(token: SecretText("x"))
        }
        #expect(nobody?.description.contains("no worker answers at http://127.0.0.1:1") == true)
        for base in ["127.0.0.1:8080", "ftp://host", "http://", "http://user:secret@host", "http://host?x=1"] {
            let failure = #expect(throws: WorkerFailure.self) { try RemoteWorker(base: base) }
            #expect(failure?.kind == .configuration)
        }
    }

    @Test("the worker of a configuration is found at its own host")
    func base() {
        var admin = WorkerConfiguration.Admin()
        #expect(RemoteWorker.base(of: admin) == "http://127.0.0.1:8080")
        admin.host = "0.0.0.0"
        admin.port = 9_000
        #expect(RemoteWorker.base(of: admin) == "http://127.0.0.1:9000")
        admin.host = "::1"
        #expect(RemoteWorker.base(of: admin) == "http://[::1]:9000")
    }
}
