import HTTP
import HTTPCodec
import InstagramMessaging
import Synchronization
import Telemetry
import Testing

@testable import SendWorker

@Suite("Admin server", .timeLimit(.minutes(1)))
struct AdminServerTests {
    /// Answers with what it is told.
    private final class StubProvider: AdminProvider {
        struct State {
            var stalls: [String] = []
            var hindrances: [String] = []
        }

        let state = Mutex(State())

        func stalls() async -> [String] { state.withLock(\.stalls) }
        func hindrances() async -> [String] { state.withLock(\.hindrances) }
        func status() async -> [UInt8] { Array(#"{"a":1}"#.utf8) }
        func resume() async -> [UInt8] { Array(#"{"resumed":1}"#.utf8) }
        func account(_ id: String) async -> [UInt8]? { id == "17" ? Array(#"{"id":"17"}"#.utf8) : nil }
    }

    private struct Answer {
        var status: Int
        var type: String?
        var policy: String?
        var body: String
    }

    private func server(_ provider: StubProvider, port: Int = 0, registry: MetricsRegistry) -> AdminServer {
        AdminServer(
            host: "127.0.0.1",
            port: port,
            reactor: TestReactor.shared,
            registry: registry,
            provider: provider,
            logger: Logger.disabled
        )
    }

    /// Runs a server and asks it.
    private func withServer(
        _ provider: StubProvider = StubProvider(),
        _ body: (Int, (String) async throws -> Answer) async throws -> Void
    ) async throws {
        let registry = try WorkerMetrics().registry
        let (ports, announcement) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            let server = server(provider, registry: registry)
            group.addTask { try await server.run { announcement.yield($0) } }
            let port = try #require(await ports.first { _ in true })
            try await body(port) { path in
                let response = try await TestReactor.get("http://127.0.0.1:\(port)\(path)")
                return Answer(
                    status: response.status,
                    type: response.headers.first("Content-Type"),
                    policy: response.headers.first("Content-Security-Policy"),
                    body: String(decoding: response.body, as: UTF8.self)
                )
            }
            group.cancelAll()
        }
    }

    @Test("healthz and readyz answer 200, or 503 with the reasons")
    func health() async throws {
        let provider = StubProvider()
        try await withServer(provider) { _, get in
            let good = try await (get("/healthz"), get("/readyz"))
            #expect(good.0.status == 200)
            #expect(good.0.body == #"{"status":"ok","reasons":[]}"#)
            #expect(good.1.status == 200)
            #expect(good.1.body == #"{"status":"ready","reasons":[]}"#)
            provider.state.withLock { state in
                state.stalls = [#"the "loop" has stalled"#]
                state.hindrances = ["no broker", "no partition"]
            }
            let bad = try await (get("/healthz"), get("/readyz"))
            #expect(bad.0.status == 503)
            #expect(bad.0.type == "application/json")
            #expect(bad.0.body == #"{"status":"stalled","reasons":["the \"loop\" has stalled"]}"#)
            #expect(bad.1.status == 503)
            #expect(bad.1.body == #"{"status":"not_ready","reasons":["no broker","no partition"]}"#)
        }
    }

    @Test("metrics are Prometheus text")
    func metrics() async throws {
        try await withServer { _, get in
            let answer = try await get("/metrics")
            #expect(answer.status == 200)
            #expect(answer.type == MetricsRegistry.contentType)
            #expect(answer.body.contains("# TYPE send_worker_retries_total counter"))
        }
    }

    @Test("status and accounts are the provider's JSON; what it does not know is a clear 404")
    func api() async throws {
        try await withServer { _, get in
            #expect(try await get("/api/status").body == #"{"a":1}"#)
            let known = try await get("/api/accounts/17")
            #expect(known.status == 200)
            #expect(known.body == #"{"id":"17"}"#)
            let unknown = try await get("/api/accounts/18")
            #expect(unknown.status == 404)
            #expect(unknown.type == "application/json")
            #expect(unknown.body.contains("account 18"))
            for id in ["abc", "1%3Cscript%3E", String(repeating: "1", count: 33)] {
                #expect(try await get("/api/accounts/\(id)").status == 400)
            }
            #expect(try await get("/nothing").status == 404)
        }
    }

    @Test("the page is served with all that it names, and may load nothing else")
    func page() async throws {
        try await withServer { _, get in
            let page = try await get("/")
            #expect(page.status == 200)
            #expect(page.type == "text/html; charset=utf-8")
            for path in ["healthz", "readyz", "metrics", "api/status"] {
                #expect(page.body.contains("href=\"\(path)\""))
            }
            var wanted = Set(page.body.matches(of: /(?:href|src)="(page\/[^"]+)"/).map { "/\($0.1)" })
            #expect(wanted.count == 3)
            var seen: Set<String> = []
            while let path = wanted.popFirst() {
                seen.insert(path)
                let file = try await get(path)
                #expect(file.status == 200, "\(path)")
                #expect(file.policy?.hasPrefix("default-src 'none'; ") == true)
                let imports = file.body.matches(of: /from "\.\/([^"]+)"/).map { "/page/\($0.1)" }
                wanted.formUnion(Set(imports).subtracting(seen))
            }
            #expect(seen == Set(StatusPage.files.map(\.path)).subtracting(["/"]))
        }
    }

    @Test("the page holds no handler, style or script of its own, and no address of others")
    func pagePolicy() throws {
        for file in StatusPage.files {
            #expect(!file.text.contains("innerHTML") && !file.text.contains("insertAdjacentHTML"), "\(file.path)")
            let others = file.text.matches(of: /https?:\/\/[^"'\s<]+/).map { String($0.0) }
            #expect(others.allSatisfy { $0 == "http://www.w3.org/2000/svg" }, "\(file.path): \(others)")
        }
        let page = try #require(StatusPage.files.first { $0.path == "/" }).text
        #expect(page.firstMatch(of: /\son[a-z]+=|\sstyle=|<style|<script(?![^>]*src=)/) == nil)
    }

    @Test("a port in use is an error that names the key and what to do")
    func portInUse() async throws {
        let registry = try WorkerMetrics().registry
        try await withServer { port, _ in
            let error = await #expect(throws: AdminServerError.self) {
                try await server(StubProvider(), port: port, registry: registry).run()
            }
            #expect(error?.description.contains("admin.port") == true)
            #expect(error?.description.contains("127.0.0.1:\(port) is in use") == true)
        }
    }

    @Test("a host that is not this machine's is an error that names the key")
    func wrongHost() async throws {
        let registry = try WorkerMetrics().registry
        let server = AdminServer(
            host: "192.0.2.1",
            port: 0,
            reactor: TestReactor.shared,
            registry: registry,
            provider: StubProvider(),
            logger: Logger.disabled
        )
        let error = await #expect(throws: AdminServerError.self) { try await server.run() }
        #expect(error?.description.contains("set admin.host") == true)
    }
}
