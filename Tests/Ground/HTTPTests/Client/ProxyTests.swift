import Foundation
import HTTP
import HTTPCodec
import OpenSSL
import Reactor
import Synchronization
import Testing

extension ClientTests {
    @Suite("Connection pool: proxies", .timeLimit(.minutes(1))) struct ProxyTests {
        private static let echo: RawServer.Script = { connection in
            while let request = connection.readRequest() { connection.write(answer(body: request.body)) }
        }

        private let certificate: TestCertificate

        init() throws { certificate = try TestCertificate.shared.get() }

        /// A proxy that answers CONNECT so, and leads to a port of this machine whatever it was asked for.
        private func proxy(to port: Int, answering answer: String) throws -> RawServer {
            try RawServer { connection in
                guard connection.readRequest() != nil else { return }
                guard let upstream = try? RawSocket.connect(host: "127.0.0.1", port: port) else { return }
                connection.write(answer)
                Self.relay(connection.descriptor, upstream)
            }
        }

        private static func relay(_ one: Int32, _ other: Int32) {
            let isDone = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                pump(from: other, to: one)
                isDone.signal()
            }
            pump(from: one, to: other)
            isDone.wait()
            close(other)
        }

        private static func pump(from source: Int32, to target: Int32) {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = recv(source, &buffer, buffer.count, 0)
                guard count > 0, send(target, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
            }
            shutdown(target, Int32(SHUT_WR))
            shutdown(source, Int32(SHUT_RD))
        }

        private func settings(_ proxy: String) throws -> HTTPClientSettings {
            let tls = try certificate.client
            let proxy = try HTTPProxy(proxy)
            return .with {
                $0.tls = tls
                $0.proxy = proxy
                $0.connectTimeout = .seconds(50)
            }
        }

        @Test(arguments: [
            "HTTP/1.1 200 Connection established\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n", "HTTP/1.1 204 Fine\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.0 299 X\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        ])
        func leadToTheOrigin(answer: String) async throws {
            let origin = try RawServer(tls: try certificate.server, Self.echo)
            let proxy = try proxy(to: origin.port, answering: answer)
            let settings = try settings("http://user:pa%3Ass%20word@127.0.0.1:\(proxy.port)")
            try await TestPool.with("https://origin.test:8443", settings) { pool in
                for number in 0..<5 { #expect(await pool.call("\(number)").text == "\(number)") }
                #expect(proxy.connections == 1)
                let connect = try #require(proxy.requests.first)
                #expect(connect.target == "CONNECT origin.test:8443")
                #expect(connect.header("host") == "origin.test:8443")
                // printf 'user:pa:ss word' | base64
                #expect(connect.header("proxy-authorization") == "Basic dXNlcjpwYTpzcyB3b3Jk")
                #expect(origin.requests.allSatisfy { $0.header("proxy-authorization") == nil })
                #expect(origin.requests.count == 5)
            }
        }

        @Test func getNoCredentialsWhereThereAreNone() async throws {
            let origin = try RawServer(tls: try certificate.server, Self.echo)
            let proxy = try proxy(to: origin.port, answering: "HTTP/1.1 200 OK\r\n\r\n")
            try await TestPool.with("https://origin.test", try settings("http://127.0.0.1:\(proxy.port)/")) { pool in
                #expect(await pool.call().text == "call")
                #expect(proxy.requests.first?.target == "CONNECT origin.test:443")
                #expect(proxy.requests.first?.header("proxy-authorization") == nil)
            }
        }

        @Test(arguments: [301, 403, 407, 503])
        func thatRefuseAreNamed(status: Int) async throws {
            let proxy = try RawServer { connection in
                guard connection.readRequest() != nil else { return }
                connection.write(answer("\(status) No", headers: ["Connection: keep-alive"], body: "secret reason"))
                _ = connection.endsInOrder()
            }
            let settings = try settings("http://user:password@127.0.0.1:\(proxy.port)")
            try await TestPool.with("https://origin.test", settings) { pool in
                let verdict = await pool.call()
                #expect(verdict.isNotSent)
                #expect(verdict.kind == .tunnelRefused(status: status))
                #expect(verdict.failure?.party == .proxy)
                #expect(verdict.failure?.status == nil, "it is not the origin's")
                #expect(verdict.failure?.words == "at the proxy: the tunnel was refused (HTTP \(status))")
                while proxy.openConnections > 0 { await pause() }
            }
        }

        @Test(arguments: ["", "HTTP/1.1 200 OK\r\n", "220 smtp ready\r\n"])
        func thatAnswerNothingUsefulAreNamed(sent: String) async throws {
            let proxy = try RawServer { connection in
                _ = connection.readRequest()
                connection.write(sent)
            }
            try await TestPool.with("https://origin.test", try settings("http://127.0.0.1:\(proxy.port)")) { pool in
                let failure = try #require(await pool.call().failure)
                #expect(!failure.wasWritten)
                #expect(failure.party == .proxy)
                #expect(failure.words.hasPrefix("at the proxy: "))
                #expect(await pool.counts.connecting == 0)
            }
        }

        @Test func thatCannotBeReachedAreNamed() async throws {
            let port = try RawSocket.unusedPort()
            try await TestPool.with("https://origin.test", try settings("http://127.0.0.1:\(port)")) { pool in
                #expect(await pool.call().failure?.words == "at the proxy: connection refused")
            }
            var settings = try settings("http://nowhere.invalid:3128")
            settings.resolver = TestResolver([.failure(ResolveError(kind: .notFound, words: ""))])
            try await TestPool.with("https://origin.test", settings) { pool in
                #expect(await pool.call().failure?.words == "at the proxy: the name could not be resolved")
            }
        }

        @Test func thatAreSilentAreNamed() async throws {
            let proxy = try RawServer { connection in while connection.read() != nil {} }
            var settings = try settings("http://127.0.0.1:\(proxy.port)")
            settings.connectTimeout = .milliseconds(200)
            try await TestPool.with("https://origin.test", settings) { pool in
                let verdict = await pool.call()
                #expect(verdict.kind == .connectTimeout(.tunnel))
                #expect(verdict.failure?.party == .proxy)
            }
        }

        @Test func giveWhatFollowsTheBlankLineToTLS() async throws {
            let proxy = try RawServer { connection in
                _ = connection.readRequest()
                connection.write("HTTP/1.1 200 OK\r\n\r\nthis is no TLS")
                _ = connection.endsInOrder()
            }
            try await TestPool.with("https://origin.test", try settings("http://127.0.0.1:\(proxy.port)")) { pool in
                let verdict = await pool.call()
                #expect(verdict.isNotSent)
                #expect(verdict.failure?.party == .server)
                guard case .tls = verdict.kind else {
                    Issue.record("\(verdict)")
                    return
                }
            }
        }

        @Test func doNotStandForTheOriginsOwn407() async throws {
            let origin = try RawServer(tls: try certificate.server) { connection in
                while connection.readRequest() != nil { connection.write(answer("407 X", body: "origin")) }
            }
            let proxy = try proxy(to: origin.port, answering: "HTTP/1.1 200 OK\r\n\r\n")
            try await TestPool.with("https://origin.test", try settings("http://127.0.0.1:\(proxy.port)")) { pool in
                let verdict = await pool.call()
                #expect(verdict.status == 407)
                #expect(verdict.text == "origin")
            }
        }

        @Test func areNotUsedForThisMachineAndForPlainHTTP() async throws {
            let secure = try RawServer(tls: try certificate.server, Self.echo)
            let plain = try RawServer(Self.echo)
            let settings = try settings("http://127.0.0.1:\(try RawSocket.unusedPort())")
            try await TestPool.with(secure.url, settings) { pool in #expect(await pool.call().text == "call") }
            try await TestPool.with("https://localhost:\(secure.port)", settings) { pool in
                #expect(await pool.call().text == "call")
            }
            var named = settings
            named.resolver = TestResolver(["127.0.0.1"], port: plain.port)
            try await TestPool.with("http://plain.test", named) { pool in #expect(await pool.call().text == "call") }
        }

        @Test(arguments: [
            "", "127.0.0.1:3128", "https://proxy:3128", "http://proxy", "http://proxy:0", "http://:3128",
            "http://user@proxy:1",
            "http://user:%zz@proxy:1", "http://proxy:3128/path", "http://pro xy:3128", "socks5://proxy:1080",
        ])
        func thatAreNoneAreRefusedWithoutBeingShown(text: String) {
            let error = #expect(throws: HTTPProxy.Invalid.self) { try HTTPProxy(text) }
            #expect(error.map { "\($0)" }?.contains("zz") == false)
        }

        @Test func areDescribedWithoutTheirPassword() throws {
            let proxy = try HTTPProxy("http://user:password@Proxy.Example:3128")
            #expect("\(proxy)" == "proxy.example:3128")
            #expect(try HTTPProxy("HTTP://[::1]:3128").host == "::1")
        }
    }
}
