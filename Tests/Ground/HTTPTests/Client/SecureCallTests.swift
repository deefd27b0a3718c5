import Foundation
import HTTP
import HTTPCodec
import OpenSSL
import Reactor
import Testing

extension ClientTests {
    @Suite("Connection pool: TLS", .timeLimit(.minutes(1))) struct SecureCallTests {
        private static let echo: RawServer.Script = { connection in
            while let request = connection.readRequest() { connection.write(answer(body: request.body)) }
        }

        private let certificate: TestCertificate

        init() throws { certificate = try TestCertificate.shared.get() }

        private func server(_ script: @escaping RawServer.Script) throws -> RawServer {
            try RawServer(tls: try certificate.server, script)
        }

        private func settings(_ change: (inout HTTPClientSettings) -> Void = { _ in }) throws -> HTTPClientSettings {
            let tls = try certificate.client
            return .with {
                $0.tls = tls
                change(&$0)
            }
        }

        @Test func carriesOneCallAfterTheOther() async throws {
            let server = try server(Self.echo)
            try await TestPool.with(server.url, try settings()) { pool in
                for number in 0..<50 { #expect(await pool.call("\(number)").text == "\(number)") }
                #expect(server.connections == 1, "tickets that come with an answer are no reason to close")
            }
        }

        @Test func carriesManyCallsAtOnce() async throws {
            let server = try server(Self.echo)
            try await TestPool.with(server.url, try settings { $0.maxConnections = 6 }) { pool in
                await withTaskGroup(of: Bool.self) { group in
                    for number in 0..<300 { group.addTask { await pool.call("\(number)").text == "\(number)" } }
                    for await isOwn in group { #expect(isOwn) }
                }
                #expect(server.connections <= 6)
            }
        }

        @Test func carriesLongRequestsAndAnswers() async throws {
            let server = try server(Self.echo)
            let body = String(repeating: "0123456789abcdef", count: 300_000)
            try await TestPool.with(server.url, try settings { $0.maxResponseBytes = 20_000_000 }) { pool in
                for _ in 0..<2 { #expect(await pool.call(body: body).text == body) }
                #expect(server.connections == 1)
            }
        }

        @Test func closesTheConnectionWhereBytesStandBehindAnAnswer() async throws {
            let server = try server { connection in
                while let request = connection.readRequest() {
                    connection.write(answer(body: request.body) + (connection.index == 0 ? answer(body: "stray") : ""))
                }
            }
            try await TestPool.with(server.url, try settings()) { pool in
                #expect(await pool.call("one").text == "one")
                #expect(await pool.call("two").text == "two")
                #expect(server.connections == 2)
            }
        }

        @Test func doesNotBelieveABodyThatAnyoneCouldHaveCut() async throws {
            for isClean in [true, false] {
                let server = try server { connection in
                    _ = connection.readRequest()
                    connection.write("HTTP/1.1 200 OK\r\n\r\nthe body")
                    if isClean { connection.close() } else { connection.closeSocket() }
                }
                try await TestPool.with(server.url, try settings()) { pool in
                    let verdict = await pool.call()
                    #expect(verdict.text == (isClean ? "the body" : nil))
                    #expect(verdict.isUnknown == !isClean)
                    #expect(isClean || verdict.failure?.status == 200)
                }
            }
        }

        @Test func believesABodyOfKnownLengthThatEndsWithoutAFarewell() async throws {
            let server = try server { connection in
                _ = connection.readRequest()
                connection.write(answer(body: "whole"))
                connection.closeSocket()
            }
            try await TestPool.with(server.url, try settings()) { pool in
                #expect(await pool.call().text == "whole")
                #expect(await pool.call().text == "whole")
                #expect(server.connections == 2)
            }
        }

        @Test(arguments: [10, 20_000_000])
        func isUnknownOnceTLSWasGivenTheRequest(count: Int) async throws {
            let server = try server { connection in
                _ = connection.read(atMost: 1_000)
                connection.reset()
            }
            try await TestPool.with(server.url, try settings()) { pool in
                let verdict = await pool.call(body: String(repeating: "x", count: count))
                #expect(verdict.isUnknown)
            }
        }

        @Test func isAnsweredThoughTheServerDidNotReadTheRequest() async throws {
            let server = try server { connection in
                _ = connection.read(atMost: 1_000)
                connection.write(answer("413 Content Too Large", body: "too long"))
                connection.endWriting()
                while connection.read() != nil {}
            }
            try await TestPool.with(server.url, try settings()) { pool in
                let verdict = await pool.call(body: String(repeating: "x", count: 20_000_000))
                #expect(verdict.status == 413)
            }
        }

        @Test func aCertificateThatIsNotTrustedIsNotSent() async throws {
            let server = try server(Self.echo)
            let other = try TestCertificate.other.get().client
            try await TestPool.with(server.url, .with { $0.tls = other }) { pool in
                let verdict = await pool.call()
                #expect(verdict.isNotSent)
                guard case .tls(let error) = verdict.kind else {
                    Issue.record("\(verdict)")
                    return
                }
                #expect(error.kind == .notTrusted)
                #expect(verdict.failure?.words.hasPrefix("TLS failed: ") == true)
                #expect(server.requests.isEmpty)
            }
        }

        @Test func aCertificateForAnotherHostIsNotSent() async throws {
            let other = try TestCertificate.other.get()
            let server = try RawServer(tls: try other.server, Self.echo)
            let tls = try other.client
            try await TestPool.with(server.url, .with { $0.tls = tls }) { pool in
                guard case .tls(let error) = await pool.call().kind else {
                    Issue.record("no failure of TLS")
                    return
                }
                #expect(error.kind == .wrongHost)
            }
        }

        @Test func aServerWithoutTLSIsNotSent() async throws {
            let server = try RawServer { connection in
                _ = connection.read()
                connection.write("HTTP/1.1 400 Bad Request\r\n\r\n")
            }
            try await TestPool.with("https://127.0.0.1:\(server.port)", try settings()) { pool in
                guard case .tls(let error) = await pool.call().kind else {
                    Issue.record("no failure of TLS")
                    return
                }
                #expect(error.kind == .notTLS)
            }
        }

        @Test func aServerThatClosesInTheHandshakeIsNotSent() async throws {
            let server = try RawServer { connection in _ = connection.read() }
            try await TestPool.with("https://127.0.0.1:\(server.port)", try settings()) { pool in
                let verdict = await pool.call()
                #expect(verdict.isNotSent)
                #expect(verdict.kind == .closedWhileConnecting(.handshake))
            }
        }

        @Test func aServerThatIsSilentInTheHandshakeIsNotSent() async throws {
            let server = try RawServer { connection in while connection.read() != nil {} }
            let settings = try settings { $0.connectTimeout = .milliseconds(200) }
            try await TestPool.with("https://127.0.0.1:\(server.port)", settings) { pool in
                let verdict = await pool.call()
                #expect(verdict.isNotSent)
                #expect(verdict.kind == .connectTimeout(.handshake))
                #expect(verdict.failure?.words == "the TLS handshake took too long")
            }
        }

        @Test func aServerThatWantsACertificateIsNeverAnsweredFor() async throws {
            let port = try RawSocket.unusedPort()
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = [
                "openssl", "s_server", "-accept", "127.0.0.1:\(port)", "-cert", certificate.certificate, "-key",
                certificate.key, "-Verify", "1", "-verify_return_error", "-tls1_3", "-www",
            ]
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            // It inherits the signals that this thread blocks, SIGTERM among them.
            defer { kill(process.processIdentifier, SIGKILL) }
            try await TestPool.with("https://127.0.0.1:\(port)", try settings()) { pool in
                var verdict = await pool.call()
                while case .connect = verdict.kind { verdict = await pool.call() }
                // In TLS 1.3 the refusal comes after the client has done its part: whether anything was written decides.
                guard case .tls(let error) = verdict.kind else {
                    Issue.record("\(verdict)")
                    return
                }
                #expect(error.kind == .clientCertificateRefused)
            }
        }

        @Test func newSettingsMeanNewConnections() async throws {
            let server = try server(Self.echo)
            try await TestPool.with(server.url, try settings()) { pool in
                #expect(await pool.call("one").text == "one")
                let other = try TestCertificate.other.get().client
                pool.onLoop { $0.replaceTLS(other) }
                #expect(await pool.call("two").isNotSent)
                let own = try certificate.client
                pool.onLoop { $0.replaceTLS(own) }
                #expect(await pool.call("three").text == "three")
            }
        }

        @Test func serveTheAsynchronousClientToo() async throws {
            let server = try server(Self.echo)
            try await ClientTests.HTTPClientTests.with(try settings()) { client in
                let request = HTTPRequest(method: .post, url: server.url, body: Array("body".utf8))
                let response = try await client.response(to: request, timeout: .seconds(20))
                #expect(response.body == Array("body".utf8))
            }
        }
    }
}
