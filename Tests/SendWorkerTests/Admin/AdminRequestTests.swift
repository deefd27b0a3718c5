import Foundation
import Reactor
import Telemetry
import Testing

@testable import SendWorker

/// What the admin port answers to requests as they stand on the wire, sent by a plain socket.
@Suite("Admin port, on the wire", .timeLimit(.minutes(1)))
struct AdminRequestTests {
    private final class StubProvider: AdminProvider {
        func stalls() async -> [String] { [] }
        func hindrances() async -> [String] { [] }
        func status() async -> [UInt8] { Array("{}".utf8) }
        func resume() async -> [UInt8] { Array("{}".utf8) }
        func account(_ id: String) async -> [UInt8]? { nil }
    }

    private func withServer(
        host: String = "127.0.0.1",
        allowedHosts: [String]? = nil,
        _ body: (_ ask: (String) async throws -> String) async throws -> Void
    ) async throws {
        let server = AdminServer(
            host: host,
            port: 0,
            reactor: TestReactor.shared,
            allowedHosts: allowedHosts,
            registry: try WorkerMetrics().registry,
            provider: StubProvider(),
            token: SecretText("secret"),
            logger: .disabled
        )
        let (ports, announcement) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run { announcement.yield($0) } }
            let port = try #require(await ports.first { _ in true })
            try await body { try await Self.exchange($0, port: port) }
            group.cancelAll()
        }
    }

    /// Sends a request, shuts the sending side and reads what comes until the server closes.
    private static func exchange(_ text: String, port: Int) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            // It blocks, so it has a thread of its own.
            Thread.detachNewThread { continuation.resume(with: Result { try send(text, to: port) }) }
        }
    }

    private static func send(_ text: String, to port: Int) throws -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var timeout = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        _ = Foundation.send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL))
        shutdown(descriptor, Int32(SHUT_WR))
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
            guard count > 0 else { return String(decoding: received, as: UTF8.self) }
            received += buffer.prefix(count)
        }
    }

    private func get(_ path: String, host: String = "127.0.0.1", extra: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\(extra)\r\n"
    }

    /// The head's lines without the date.
    private func head(_ answer: String) -> [String] {
        answer.split(separator: "\r\n\r\n", maxSplits: 1)[0]
            .split(separator: "\r\n").map(String.init).filter { !$0.hasPrefix("Date: ") }
    }

    @Test("heads are as monitoring knows them")
    func heads() async throws {
        try await withServer { ask async throws in
            #expect(
                try await head(ask(get("/healthz"))) == [
                    "HTTP/1.1 200 OK", "Content-Type: application/json", "Cache-Control: no-store",
                    "X-Content-Type-Options: nosniff", "Content-Length: 28", "Connection: close",
                ]
            )
            let page = try await head(ask(get("/")))
            #expect(page[1] == "Content-Type: text/html; charset=utf-8")
            #expect(page[5].hasPrefix("Content-Security-Policy: default-src 'none'; "))
            #expect(
                try await head(ask(get("/nothing"))) == [
                    "HTTP/1.1 404 Not Found", "Content-Length: 0", "Connection: close",
                ]
            )
        }
    }

    @Test("HEAD has the length of GET and no body")
    func headRequests() async throws {
        try await withServer { ask async throws in
            for path in ["/healthz", "/", "/api/status"] {
                let get = try await ask(get(path))
                let head = try await ask("HEAD \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                #expect(head.hasSuffix("\r\n\r\n"))
                #expect(self.head(head) == self.head(get))
            }
        }
    }

    @Test("a health path is answered directly in both spellings, and a POST of it is none")
    func spellings() async throws {
        try await withServer { ask async throws in
            for path in ["/healthz", "/healthz/", "/readyz", "/readyz/"] {
                #expect(try await ask(get(path)).hasPrefix("HTTP/1.1 200 "))
            }
            let post = "POST /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n"
            #expect(try await ask(post).hasPrefix("HTTP/1.1 404 "))
        }
    }

    @Test(
        "metrics are the text that was written, whatever a scraper would take",
        arguments: [
            "", "Accept: */*\r\n", "Accept: application/openmetrics-text;version=1.0.0\r\n",
            "Accept-Encoding: gzip\r\n",
            "Accept-Encoding: gzip;q=0\r\n",
        ]
    )
    func scrapes(extra: String) async throws {
        try await withServer { ask async throws in
            let answer = try await ask(get("/metrics", extra: extra))
            #expect(head(answer)[1] == "Content-Type: text/plain; version=0.0.4; charset=utf-8")
            #expect(answer.contains("\r\n\r\n# HELP "))
            #expect(!answer.contains("Content-Encoding"))
        }
    }

    @Test(
        "paths are decoded once, and what cannot be is refused",
        arguments: [
            ("/%2e%2e/x", 400), ("/%252e", 404), ("/%00", 400), ("/%ZZ", 400), ("/%ff", 400),
            ("/api/accounts/%00", 400),
            ("/%68ealthz", 200), ("/%2568ealthz", 404), ("//healthz", 404),
        ]
    )
    func paths(path: String, status: Int) async throws {
        try await withServer { ask async throws in
            let answer = try await ask(get(path))
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
            if status == 400 { #expect(answer.contains(#"{"error":"#)) }
        }
    }

    @Test(
        "a page of a name that points here is refused, for GET too",
        arguments: [
            "evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example",
        ]
    )
    func rebinding(host: String) async throws {
        try await withServer { ask async throws in
            for path in ["/", "/api/status", "/nothing", "/api/resume"] {
                let answer = try await ask(get(path, host: host))
                #expect(answer.hasPrefix("HTTP/1.1 421 Misdirected Request\r\n"))
                #expect(answer.contains("admin.allowedHosts"))
                #expect(!answer.contains("evil"))
            }
            let absolute = try await ask("GET http://\(host)/healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            #expect(absolute.hasPrefix("HTTP/1.1 421 "))
        }
    }

    @Test("an upload is refused before it is read")
    func expectations() async throws {
        try await withServer { ask async throws in
            let head = "POST /api/resume HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 9\r\n"
            #expect(try await ask(head + "\r\n").hasPrefix("HTTP/1.1 421 "))
            let local = head.replacing("Host: h", with: "Host: localhost")
            #expect(try await ask(local + "\r\n").hasPrefix("HTTP/1.1 401 "))
            let large =
                local.replacing("9\r\n", with: "99999\r\n")
                + "Authorization: Bearer secret\r\nContent-Type: application/json\r\n\r\n"
            #expect(try await ask(large).hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test("any name will do away from loopback, unless names are given")
    func elsewhere() async throws {
        try await withServer(host: "0.0.0.0") { ask async throws in
            #expect(try await ask(get("/healthz", host: "worker.monitoring.svc:8080")).hasPrefix("HTTP/1.1 200 "))
        }
        try await withServer(host: "0.0.0.0", allowedHosts: ["Worker.Monitoring.svc"]) { ask async throws in
            for host in ["worker.monitoring.SVC:8080", "worker.monitoring.svc.", "10.1.2.3:8080", "localhost"] {
                #expect(try await ask(get("/healthz", host: host)).hasPrefix("HTTP/1.1 200 "))
            }
            #expect(try await ask(get("/healthz", host: "monitoring.svc")).hasPrefix("HTTP/1.1 421 "))
        }
    }
}
