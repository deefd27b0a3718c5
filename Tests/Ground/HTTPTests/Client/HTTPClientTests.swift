import HTTP
import HTTPCodec
import Reactor
import Testing

extension ClientTests {
    @Suite("Asynchronous client", .timeLimit(.minutes(1))) struct HTTPClientTests {
        static func with<Value>(
            _ settings: HTTPClientSettings = .with { _ in },
            _ body: (HTTPClient) async throws -> Value
        ) async throws -> Value {
            let reactor = try Reactor(name: "test")
            let client = HTTPClient(reactor: reactor, settings: settings)
            let result: Result<Value, any Error>
            do {
                result = .success(try await body(client))
            } catch {
                result = .failure(error)
            }
            await client.shutdown()
            await reactor.shutdown()
            return try result.get()
        }

        private static let echo: RawServer.Script = { connection in
            while let request = connection.readRequest() { connection.write(answer(body: request.body)) }
        }

        @Test func asksAndIsAnswered() async throws {
            let server = try RawServer { connection in
                while connection.readRequest() != nil {
                    connection.write(answer("404 Not Found", headers: ["X-Kind: test"], body: "nothing"))
                }
            }
            try await Self.with { client in
                let request = HTTPRequest(
                    method: .post,
                    url: server.url + "/a/b?c=d#e",
                    headers: ["Accept": "text/plain"],
                    body: Array("body".utf8)
                )
                for _ in 0..<3 {
                    let response = try await client.response(to: request, timeout: .seconds(20))
                    #expect(response.status == 404)
                    #expect(response.headers.first("x-kind") == "test")
                    #expect(response.body == Array("nothing".utf8))
                }
                #expect(server.connections == 1)
                let seen = try #require(server.requests.first)
                #expect(seen.target == "POST /a/b?c=d")
                #expect(seen.header("host") == "127.0.0.1:\(server.port)")
                #expect(seen.header("accept") == "text/plain")
                #expect(seen.body == "body")
            }
        }

        @Test(arguments: ["", "ftp://example.com", "http://", "example.com"])
        func refusesWhatIsNoURL(url: String) async throws {
            try await Self.with { client in
                let error = await #expect(throws: HTTPCallFailure.self) {
                    try await client.response(to: HTTPRequest(url: url), timeout: .seconds(1))
                }
                #expect(error?.wasWritten == false)
            }
        }

        @Test func refusesHeadersThatWouldBreakTheRequest() async throws {
            let server = try RawServer(Self.echo)
            try await Self.with { client in
                let request = HTTPRequest(url: server.url, headers: ["X-Token": "secret\r\nX: y"])
                let error = await #expect(throws: HTTPCallFailure.self) {
                    try await client.response(to: request, timeout: .seconds(1))
                }
                #expect(error?.words.contains("secret") == false)
                #expect(error?.words.contains("X-Token") == true)
                #expect(server.connections == 0)
            }
        }

        @Test func givesUpWhenItsTaskIsCancelled() async throws {
            let server = try RawServer { connection in
                _ = connection.readRequest()
                _ = connection.endsInOrder()
            }
            try await Self.with { client in
                let task = Task {
                    try await client.response(to: HTTPRequest(url: server.url), timeout: .seconds(50))
                }
                while server.requests.isEmpty { await pause() }
                task.cancel()
                let error = await #expect(throws: HTTPCallFailure.self) { try await task.value }
                #expect(error?.kind == .cancelled)
                #expect(error?.wasWritten == true)
                while server.openConnections > 0 { await pause() }
            }
        }

        @Test func doesNotBeginWhenItsTaskWasCancelledBefore() async throws {
            let server = try RawServer(Self.echo)
            try await Self.with { client in
                let task = Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    return try await client.response(to: HTTPRequest(url: server.url), timeout: .seconds(50))
                }
                let error = await #expect(throws: HTTPCallFailure.self) { try await task.value }
                #expect(error?.kind == .cancelled)
                #expect(error?.wasWritten == false)
                #expect(server.requests.isEmpty)
            }
        }

        @Test func givesUpWhenItsTimeIsOver() async throws {
            let server = try RawServer { connection in
                _ = connection.readRequest()
                _ = connection.endsInOrder()
            }
            try await Self.with { client in
                let error = await #expect(throws: HTTPCallFailure.self) {
                    try await client.response(to: HTTPRequest(url: server.url), timeout: .milliseconds(100))
                }
                #expect(error?.kind == .deadline)
                #expect(error?.words == "the time for the call ran out")
            }
        }

        @Test func readsTheHeadOnlyWhereNothingElseMatters() async throws {
            let server = try RawServer { connection in
                _ = connection.readRequest()
                connection.write(
                    "HTTP/1.1 206 Partial Content\r\nContent-Type: image/png\r\nContent-Length: 99999999\r\n\r\nxxx"
                )
                _ = connection.endsInOrder()
            }
            try await Self.with { client in
                let response = try await client.response(
                    to: HTTPRequest(url: server.url),
                    timeout: .seconds(20),
                    headOnly: true
                )
                #expect(response.status == 206)
                #expect(response.headers.first("content-type") == "image/png")
                #expect(response.body.isEmpty)
                while server.openConnections > 0 { await pause() }
            }
        }

        @Test func followsNoRedirect() async throws {
            let server = try RawServer { connection in
                while connection.readRequest() != nil {
                    connection.write(answer("302 Found", headers: ["Location: /elsewhere"]))
                }
            }
            try await Self.with { client in
                let response = try await client.response(to: HTTPRequest(url: server.url), timeout: .seconds(20))
                #expect(response.status == 302)
                #expect(server.requests.count == 1)
            }
        }

        @Test func connectsToThePinnedAddressAndKeepsTheName() async throws {
            let server = try RawServer(Self.echo)
            try await Self.with { client in
                let address = try #require(SocketAddress(ipAddress: "127.0.0.1", port: server.port))
                let response = try await client.response(
                    to: HTTPRequest(method: .head, url: "http://nowhere.invalid:81/x"),
                    timeout: .seconds(20),
                    connectingTo: address
                )
                #expect(response.status == 200)
                #expect(server.requests.first?.header("host") == "nowhere.invalid:81")
            }
        }

        @Test func makesNoCallAfterItsEnd() async throws {
            let server = try RawServer(Self.echo)
            try await Self.with { client in
                _ = try await client.response(to: HTTPRequest(url: server.url), timeout: .seconds(20))
                await client.shutdown()
                await client.shutdown()
                let error = await #expect(throws: HTTPCallFailure.self) {
                    try await client.response(to: HTTPRequest(url: server.url), timeout: .seconds(20))
                }
                #expect(error?.kind == .shutDown)
            }
        }

        @Test func makesNoCallAfterTheEndOfItsReactor() async throws {
            let reactor = try Reactor(name: "test")
            let client = HTTPClient(reactor: reactor)
            await reactor.shutdown()
            let error = await #expect(throws: HTTPCallFailure.self) {
                try await client.response(to: HTTPRequest(url: "http://127.0.0.1:1/"), timeout: .seconds(20))
            }
            #expect(error?.kind == .shutDown)
            await client.shutdown()
        }
    }
}
