import Foundation
import HTTP
import HTTPCodec
import Reactor
import Synchronization
import Testing

extension ClientTests {
    @Suite("Connection pool: names and connecting", .timeLimit(.minutes(1))) struct ConnectingTests {
        private static let echo: RawServer.Script = { connection in
            while let request = connection.readRequest() { connection.write(answer(body: request.body)) }
        }

        private func settings(_ resolver: TestResolver, connectTimeout: Duration = .seconds(50)) -> HTTPClientSettings {
            .with {
                $0.resolver = resolver
                $0.connectTimeout = connectTimeout
            }
        }

        @Test func aRefusedConnectionIsNotSentAtOnce() async throws {
            let port = try RawSocket.unusedPort()
            try await TestPool.with("http://127.0.0.1:\(port)", .with { $0.connectTimeout = .seconds(50) }) { pool in
                let verdict = await pool.call()
                #expect(verdict.isNotSent)
                #expect(verdict.failure?.words == "connection refused")
            }
        }

        @Test func refusedConnectionsDoNotKeepTheProcessorBusy() async throws {
            let port = try RawSocket.unusedPort()
            try await TestPool.with("http://127.0.0.1:\(port)") { pool in
                let before = pool.reactor.turns
                let start = ContinuousClock.now
                for _ in 0..<5 { #expect(await pool.call().isNotSent) }
                // Each attempt waits longer than the one before: 25 to 50 ms, 50 to 100 ms and so on.
                #expect(ContinuousClock.now - start > .milliseconds(300))
                #expect(pool.reactor.turns - before < 100)
                let server = try RawServer(port: port, Self.echo)
                #expect(await pool.call("again").text == "again")
                #expect(server.connections == 1)
            }
        }

        @Test func theNextAddressIsTriedWhenOneRefuses() async throws {
            let server = try RawServer(Self.echo)
            for hosts in [["::1", "127.0.0.1"], ["127.0.0.2", "127.0.0.1"], ["127.0.0.1", "127.0.0.2", "::1"]] {
                let resolver = TestResolver(hosts, port: server.port)
                try await TestPool.with("http://two.test:\(server.port)", settings(resolver)) { pool in
                    #expect(await pool.call().text == "call")
                }
            }
        }

        @Test(arguments: ["::1", "127.0.0.2"])
        func theNextAddressIsTriedWhenOneIsSilent(silent: String) async throws {
            let server = try RawServer(Self.echo)
            let address = try SilentAddress(host: silent, port: server.port)
            let resolver = TestResolver([silent, "127.0.0.1"], port: server.port)
            try await TestPool.with("http://two.test:\(address.port)", settings(resolver)) { pool in
                #expect(await pool.call().text == "call")
                #expect(await pool.counts.connecting == 0, "the loser is let go")
                #expect(server.requests.count == 1)
            }
        }

        @Test func theNextAddressIsTriedWhenOneAcceptsAndSaysNothing() async throws {
            let certificate = try TestCertificate.shared.get()
            let server = try RawServer(tls: try certificate.server, Self.echo)
            let mute = try RawServer(host: "::1", port: server.port) { connection in while connection.read() != nil {} }
            let resolver = TestResolver(["::1", "127.0.0.1"], port: server.port)
            var settings = settings(resolver)
            settings.tls = try certificate.client
            try await TestPool.with("https://origin.test:\(server.port)", settings) { pool in
                #expect(await pool.call().text == "call")
                #expect(mute.connections == 1)
                while mute.openConnections > 0 { await pause() }
            }
        }

        @Test func connectionsSpreadOverAllAddresses() async throws {
            let used = Mutex<Set<String>>([])
            let server = try RawServer(host: "0.0.0.0") { connection in
                let own = Socket.localAddress(connection.descriptor)?.ipAddress ?? ""
                used.withLock { _ = $0.insert(own) }
                while let request = connection.readRequest() { connection.write(answer(body: request.body)) }
            }
            let hosts = (1...8).map { "127.0.0.\($0)" }
            let resolver = TestResolver(hosts, port: server.port)
            try await TestPool.with("http://eight.test:\(server.port)", settings(resolver)) { pool in
                for _ in 0..<60 { #expect(await pool.call(use: .discard).text == "call") }
                #expect(used.withLock { $0.count } > 4)
                #expect(resolver.asked == ["eight.test"], "a name is not asked again for each connection")
            }
        }

        @Test func aNameIsAskedAgainAfterAFailedConnect() async throws {
            let server = try RawServer(Self.echo)
            let retired = SocketAddress(ipAddress: "127.0.0.2", port: server.port)
            let current = SocketAddress(ipAddress: "127.0.0.1", port: server.port)
            let resolver = TestResolver([
                .success([retired].compactMap(\.self)), .success([current].compactMap(\.self)),
            ])
            try await TestPool.with("http://moved.test:\(server.port)", settings(resolver)) { pool in
                #expect(await pool.call().isNotSent)
                #expect(await pool.call("again").text == "again")
                #expect(resolver.asked.count == 2)
            }
        }

        @Test(arguments: [ResolveError.Kind.notFound, .temporary])
        func aNameThatIsNotResolvedIsNotSent(kind: ResolveError.Kind) async throws {
            let server = try RawServer(Self.echo)
            let found = [SocketAddress(ipAddress: "127.0.0.1", port: server.port)].compactMap(\.self)
            let resolver = TestResolver([.failure(ResolveError(kind: kind, words: "test")), .success(found)])
            try await TestPool.with("http://name.test:\(server.port)", settings(resolver)) { pool in
                let verdict = await pool.call()
                #expect(verdict.isNotSent)
                #expect(verdict.kind == (kind == .notFound ? .nameNotFound : .nameNotResolved))
                #expect(verdict.failure?.words == "the name could not be resolved")
                #expect(await pool.call("again").text == "again", "a failure is kept for seconds at most")
            }
        }

        @Test func aSlowResolverDoesNotStopDeadlines() async throws {
            let resolver = TestResolver([])
            try await TestPool.with("http://slow.test", settings(resolver, connectTimeout: .milliseconds(200))) {
                pool in
                await withTaskGroup(of: Verdict.self) { group in
                    for _ in 0..<200 { group.addTask { await pool.call() } }
                    for await verdict in group {
                        #expect(verdict.isNotSent)
                        #expect(verdict.kind == .connectTimeout(.name))
                    }
                }
                #expect(resolver.asked == ["slow.test"], "one look-up at once")
            }
        }

        @Test func aConnectionTakesNoLongerThanItMay() async throws {
            let address = try SilentAddress()
            let settings = HTTPClientSettings.with { $0.connectTimeout = .milliseconds(200) }
            try await TestPool.with("http://127.0.0.1:\(address.port)", settings) { pool in
                let verdict = await pool.call()
                #expect(verdict.isNotSent)
                #expect(verdict.kind == .connectTimeout(.connection))
                #expect(verdict.failure?.words == "no connection in time")
            }
        }

        @Test func aCallEndsBeforeTheConnectionItWaitsFor() async throws {
            let address = try SilentAddress()
            try await TestPool.with("http://127.0.0.1:\(address.port)") { pool in
                let verdict = await pool.call(within: .milliseconds(100))
                #expect(verdict.isNotSent)
                #expect(verdict.kind == .connectTimeout(.connection))
            }
        }

        @Test func aPinnedAddressGoesBeforeTheName() async throws {
            let server = try RawServer(Self.echo)
            let resolver = TestResolver([])
            var settings = settings(resolver)
            settings.pinnedAddress = SocketAddress(ipAddress: "127.0.0.1", port: server.port)
            try await TestPool.with("http://pinned.test", settings) { pool in
                #expect(await pool.call().text == "call")
                #expect(resolver.asked.isEmpty)
            }
        }
    }
}
