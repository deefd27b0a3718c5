import Foundation
import HTTPCodec
import Reactor
import Testing

@testable import HTTP

private func get(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: h\r\n\r\n" }

@Suite(.timeLimit(.minutes(1))) struct ServerListeningTests {
    @Test func tellsWhyAnAddressCannotBeListenedOn() async throws {
        let reactor = try Reactor(name: "server")
        try await LiveServer.run(handler: TestHandler()) { live in
            let second = HTTPServer(reactor: reactor, handler: TestHandler())
            for (host, port, code) in [
                ("127.0.0.1", live.port, EADDRINUSE), ("192.0.2.1", 0, EADDRNOTAVAIL), ("::", live.port, EADDRINUSE),
            ] {
                let error = await #expect(throws: HTTPServerError.self) {
                    try await second.listen(host: host, port: port)
                }
                #expect(error?.errno == code)
            }
            let error = await #expect(throws: HTTPServerError.self) {
                try await second.listen(host: "no-such-host.invalid", port: 0)
            }
            #expect(error?.errno == nil)
            await second.stop(within: .zero)
        }
        await reactor.shutdown()
    }

    @Test func listensOnTheSamePortAgainAtOnce() async throws {
        let reactor = try Reactor(name: "server")
        var port = 0
        for _ in 0..<3 {
            let server = HTTPServer(reactor: reactor, handler: TestHandler())
            port = try await server.listen(host: "127.0.0.1", port: port)
            let client = try RawClient(port: port)
            client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            #expect(try await blocking { client.rest().text }.hasSuffix("GET / ."))
            client.shutDownSending()
            await server.stop(within: .seconds(5))
        }
        await reactor.shutdown()
    }

    @Test func listensOnBothFamiliesWhereTheHostIsAnyAddress() async throws {
        try await LiveServer.run(handler: TestHandler(), host: "::") { live in
            let hosts =
                SocketAddress(ipAddress: "::1", port: 0).map { (try? Socket.listen(on: $0)) } != nil
                ? ["127.0.0.1", "::1"] : ["127.0.0.1"]
            for host in hosts {
                let client = try RawClient(port: live.port, host: host)
                client.send(get("/a"))
                #expect(try await blocking { client.text(until: ".") }.hasSuffix("GET /a ."))
            }
        }
    }

    @Test func findsTheAddressOfAName() async throws {
        try await LiveServer.run(handler: TestHandler(), host: "localhost") { live in
            let client = try (try? RawClient(port: live.port)) ?? RawClient(port: live.port, host: "::1")
            client.send(get("/a"))
            #expect(try await blocking { client.text(until: ".") }.hasSuffix("GET /a ."))
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct ServerAddressTests {
    /// Knows one name.
    private struct FixedResolver: HostResolver {
        let addresses: [String]

        func resolve(_ host: String, port: Int, on reactor: Reactor, completion: @escaping Completion) {
            completion(.success(addresses.compactMap { SocketAddress(ipAddress: $0, port: port) }))
        }
    }

    @Test(arguments: [(["192.0.2.1", "127.0.0.1"], nil), (["192.0.2.1", "198.51.100.1"], EADDRNOTAVAIL)])
    func listensOnTheFirstAddressThatIsThisMachines(_ addresses: [String], code: Int32?) async throws {
        let reactor = try Reactor(name: "server")
        let resolver = FixedResolver(addresses: addresses)
        let server = HTTPServer(reactor: reactor, handler: TestHandler(), resolver: resolver)
        do {
            let port = try await server.listen(host: "name", port: 0)
            #expect(port > 0 && code == nil)
        } catch {
            #expect(error.errno == code)
        }
        await server.stop(within: .zero)
        await reactor.shutdown()
    }
}

@Suite(.timeLimit(.minutes(1))) struct ServerStopTests {
    @Test func endsIdleAndSilentConnectionsAtOnceAndFinishesTheRest() async throws {
        let handler = TestHandler()
        try await LiveServer.run(handler: handler) { live in
            let silent = try RawClient(port: live.port)
            let idle = try RawClient(port: live.port)
            idle.send(get("/a"))
            _ = try await blocking { idle.text(until: ".") }
            let busy = try RawClient(port: live.port)
            busy.send(get("/slow"))
            await handler.held.wait(for: 1)
            await live.waitForConnections(3)
            let stopping = Task { await live.server.stop(within: .seconds(50)) }
            #expect(try await blocking { silent.rest() } == RawClient.Rest(text: "", end: .closed))
            #expect(try await blocking { idle.rest() } == RawClient.Rest(text: "", end: .closed))
            #expect(throws: POSIXError.self) { try RawClient(port: live.port) }
            handler.held.values[0].respond(HTTPServerResponse(status: 200, body: Array("last.".utf8)))
            let answer = try await blocking { busy.rest() }
            #expect(answer.text.contains("\r\nConnection: close\r\n"))
            #expect(answer.text.hasSuffix("last."))
            #expect(answer.end == .closed)
            busy.shutDownSending()
            await stopping.value
        }
    }

    @Test func answersWhatHasComeWhenItStops() async throws {
        let reactor = try Reactor(name: "server")
        let server = HTTPServer(reactor: reactor, handler: TestHandler())
        let port = try await server.listen(host: "127.0.0.1", port: 0)
        let gate = DispatchSemaphore(value: 0)
        // All of it waits in the kernel until the reactor goes on, and then the stop comes first.
        reactor.execute {
            gate.wait()
            server.assumeIsolated { $0.loop.stop(at: .max) {} }
        }
        let clients = try (0..<20).map { _ in try RawClient(port: port) }
        for client in clients { client.send(get("/a")) }
        gate.signal()
        for client in clients {
            let answer = try await blocking { client.rest() }
            #expect(answer.text.hasSuffix("GET /a ."))
            #expect(answer.text.contains("Connection: close"))
            client.shutDownSending()
        }
        await server.stop(within: .seconds(20))
        await reactor.shutdown()
    }

    @Test func resetsWhatIsLeftAtTheLimit() async throws {
        let handler = TestHandler()
        try await LiveServer.run(handler: handler) { live in
            let busy = try RawClient(port: live.port)
            busy.send(get("/slow"))
            let reader = try RawClient(port: live.port)
            reader.send(get("/large"))
            await handler.paths.wait(for: 2)
            await live.server.stop(within: .milliseconds(100))
            #expect(await live.server.connectionCount == 0)
            #expect(try await blocking { busy.rest() } == RawClient.Rest(text: "", end: .reset))
            // An answer that comes too late goes nowhere.
            #expect(handler.held.values[0].respond(.text(status: 200, "late")))
        }
    }

    @Test func stopsTwiceAndWithoutHavingListened() async throws {
        let reactor = try Reactor(name: "server")
        let server = HTTPServer(reactor: reactor, handler: TestHandler())
        await server.stop(within: .seconds(50))
        await server.stop(within: .seconds(50))
        await #expect(throws: HTTPServerError.self) { try await server.listen(host: "127.0.0.1", port: 0) }
        await reactor.shutdown()
    }
}
