import Foundation
import HTTP
import HTTPCodec
import Reactor
import Synchronization
import Testing

extension ClientTests {
    /// The one promise everything rests on: a call that ends as not sent was not seen by the server.
    @Suite("Connection pool: what becomes of a call without an answer", .timeLimit(.minutes(1))) struct CallOutcomeTests
    {
        /// Answers the first request, and does with the second what the test says.
        private func server(_ second: @escaping RawServer.Script) throws -> RawServer {
            try RawServer { connection in
                guard connection.readRequest() != nil else { return }
                connection.write(answer(body: "first"))
                if connection.index == 0 { return second(connection) }
                while connection.readRequest() != nil { connection.write(answer(body: "again")) }
            }
        }

        @Test func isUnknownOnceWrittenThoughNothingWasReadAndCountedOnAReusedConnection() async throws {
            for reset in [false, true] {
                let server = try server { connection in
                    _ = connection.readRequest()
                    if reset { connection.reset() }
                }
                try await TestPool.with(server.url) { pool in
                    #expect(await pool.call().text == "first")
                    #expect(await pool.counts.unknownOnReusedConnection == 0)
                    let verdict = await pool.call("second")
                    #expect(verdict.isUnknown)
                    #expect(verdict.kind == (reset ? .reset : .closedByServer))
                    #expect(verdict.failure?.onReusedConnection == true)
                    #expect(verdict.failure?.words == (reset ? "connection reset" : "the server closed the connection"))
                    #expect(await pool.counts.unknownOnReusedConnection == 1)
                    #expect(server.requests.map(\.body) == ["call", "second"], "nothing is repeated")
                }
            }
        }

        @Test func isUnknownOnAFreshConnectionWithoutBeingCounted() async throws {
            let server = try RawServer { connection in _ = connection.readRequest() }
            try await TestPool.with(server.url) { pool in
                let verdict = await pool.call()
                #expect(verdict.isUnknown)
                #expect(verdict.failure?.onReusedConnection == false)
                #expect(await pool.counts.unknownOnReusedConnection == 0)
            }
        }

        @Test(arguments: ["", "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", "x"])
        func aConnectionThatDiedWhileIdleIsNotUsed(farewell: String) async throws {
            let isToClose = DispatchSemaphore(value: 0)
            let isClosed = DispatchSemaphore(value: 0)
            let server = try server { connection in
                isToClose.wait()
                connection.write(farewell)
                connection.close()
                isClosed.signal()
            }
            try await TestPool.with(server.url) { pool in
                #expect(await pool.call().text == "first")
                // All within one turn, so that the pool cannot have been told of it.
                let verdict: Verdict = await withCheckedContinuation { continuation in
                    pool.onLoop { own in
                        isToClose.signal()
                        isClosed.wait()
                        own.start(TestCall("second") { continuation.resume(returning: $0) }, latestStart: .max)
                    }
                }
                #expect(verdict.text == "first", "another connection carries it")
                #expect(server.requests.map(\.body) == ["call", "second"])
                #expect(server.connections == 2)
                #expect(await pool.counts.unknownOnReusedConnection == 0)
            }
        }

        @Test func aConnectionThatDiedIdleBeforeItsFirstCallIsNotUsed() async throws {
            let isToClose = DispatchSemaphore(value: 0)
            let isClosed = DispatchSemaphore(value: 0)
            let server = try RawServer { connection in
                if connection.index == 0 {
                    isToClose.wait()
                    connection.write("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n")
                    connection.close()
                    isClosed.signal()
                }
                while connection.readRequest() != nil { connection.write(answer(body: "second")) }
            }
            try await TestPool.with(server.url) { pool in
                #expect(await pool.call(mayStart: { false }).kind == .tooLate)
                await pool.wait { $0.idle == 1 }
                // All within one turn, so that the pool cannot have been told of it.
                let verdict: Verdict = await withCheckedContinuation { continuation in
                    pool.onLoop { own in
                        isToClose.signal()
                        isClosed.wait()
                        own.start(TestCall("call") { continuation.resume(returning: $0) }, latestStart: .max)
                    }
                }
                #expect(verdict.text == "second", "another connection carries it")
            }
        }

        @Test(arguments: ["", "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", "x"])
        func aConnectionThatDiesWhileIdleIsLetGo(farewell: String) async throws {
            let server = try server { connection in connection.write(farewell) }
            try await TestPool.with(server.url) { pool in
                #expect(await pool.call().text == "first")
                await pool.wait { $0.idle == 0 }
                #expect(await pool.call("second").text == "first")
            }
        }

        @Test func isNotSentWhereTheConnectionIsResetBetweenTheLastWordAndTheWrite() async throws {
            let isToReset = DispatchSemaphore(value: 0)
            let isReset = DispatchSemaphore(value: 0)
            let server = try server { connection in
                isToReset.wait()
                connection.reset()
                isReset.signal()
            }
            try await TestPool.with(server.url) { pool in
                #expect(await pool.call().text == "first")
                let verdict = await pool.call(
                    "second",
                    mayStart: {
                        isToReset.signal()
                        isReset.wait()
                        return true
                    }
                )
                #expect(verdict.isNotSent)
                #expect(verdict.kind == .reset)
                #expect(server.requests.map(\.body) == ["call"])
            }
        }

        @Test func isUnknownWhereTheConnectionIsClosedBetweenTheLastWordAndTheWrite() async throws {
            let isToClose = DispatchSemaphore(value: 0)
            let isClosed = DispatchSemaphore(value: 0)
            let server = try server { connection in
                isToClose.wait()
                connection.close()
                isClosed.signal()
            }
            try await TestPool.with(server.url) { pool in
                #expect(await pool.call().text == "first")
                let verdict = await pool.call(
                    "second",
                    mayStart: {
                        isToClose.signal()
                        isClosed.wait()
                        return true
                    }
                )
                #expect(verdict.isUnknown, "the socket took the bytes")
            }
        }

        @Test(arguments: ["", "x", "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"])
        func isNotSentOnAFreshConnectionThatIsOfNoUse(greeting: String) async throws {
            let isServed = DispatchSemaphore(value: 0)
            let server = try RawServer { connection in
                connection.write(greeting)
                connection.endWriting()
                isServed.signal()
                _ = connection.endsInOrder()
            }
            // Stands still between the beginning of the connection and its use, until the server has spoken.
            let resolver = TestResolver(["127.0.0.1"], port: server.port) { reactor in
                reactor.execute { isServed.wait() }
            }
            try await TestPool.with("http://test.invalid:\(server.port)", .with { $0.resolver = resolver }) { pool in
                let verdict = await pool.call()
                #expect(verdict.isNotSent)
                #expect(verdict.kind == (greeting.isEmpty ? .closedByServer : .unsolicitedBytes))
                #expect(verdict.failure?.onReusedConnection == false)
            }
        }

        @Test(arguments: [false, true])
        func isAnsweredThoughTheServerDidNotReadTheRequest(closes: Bool) async throws {
            let server = try RawServer { connection in
                guard connection.index == 0 else {
                    while connection.readRequest() != nil { connection.write(answer(body: "next")) }
                    return
                }
                _ = connection.read(atMost: 1_000)
                connection.write(answer("413 Content Too Large", headers: ["Connection: close"], body: "too long"))
                if closes { return }
                // Reads no more, and takes no notice of the end.
                let peerHasEnded: Int16 = 0x2000  // POLLRDHUP, which Glibc's module lacks
                var event = pollfd(fd: connection.descriptor, events: peerHasEnded, revents: 0)
                _ = poll(&event, 1, -1)
            }
            let body = String(repeating: "x", count: 20_000_000)
            try await TestPool.with(server.url) { pool in
                let verdict = await pool.call(body: body)
                #expect(verdict.status == 413)
                #expect(verdict.text == "too long")
                #expect(await pool.call("next").text == "next")
                #expect(server.connections == 2)
            }
        }

        @Test func isUnknownWhereALongRequestIsResetHalfWay() async throws {
            let server = try RawServer { connection in
                _ = connection.read(atMost: 1_000)
                connection.reset()
            }
            try await TestPool.with(server.url) { pool in
                let verdict = await pool.call(body: String(repeating: "x", count: 20_000_000))
                #expect(verdict.isUnknown)
                #expect(verdict.kind == .reset)
            }
        }

        @Test func isUnknownAtTheResponseTimeout() async throws {
            let server = try RawServer { connection in
                _ = connection.readRequest()
                _ = connection.endsInOrder()
            }
            try await TestPool.with(server.url, .with { $0.responseTimeout = .milliseconds(150) }) { pool in
                let verdict = await pool.call()
                #expect(verdict.isUnknown)
                #expect(verdict.kind == .responseTimeout(.milliseconds(150)))
                #expect(verdict.failure?.words == "no complete answer within 150ms")
                while server.openConnections > 0 { await pause() }
            }
        }

        @Test(arguments: ["", "HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"])
        func aTrickleOfBytesDoesNotMoveTheDeadline(start: String) async throws {
            let server = try RawServer { connection in
                _ = connection.readRequest()
                connection.write(start.isEmpty ? "HTTP/1.1 100 Continue\r\n\r\n" : start)
                while connection.write(start.isEmpty ? "HTTP/1.1 100 Continue\r\n\r\n" : "x") { usleep(100_000) }
            }
            try await TestPool.with(server.url, .with { $0.responseTimeout = .seconds(1) }) { pool in
                let verdict = await pool.call()
                #expect(verdict.kind == .responseTimeout(.seconds(1)))
                #expect(verdict.isUnknown)
                #expect(verdict.failure?.status == (start.isEmpty ? nil : 200))
            }
        }

        @Test(arguments: [429, 500, 302])
        func aRefusalWhoseBodyStallsIsNotWaitedFor(status: Int) async throws {
            let server = try RawServer { connection in
                _ = connection.readRequest()
                connection.write("HTTP/1.1 \(status) X\r\nRetry-After: 8\r\nContent-Length: 99\r\n\r\nthe beginning")
                _ = connection.endsInOrder()
            }
            try await TestPool.with(server.url, .with { $0.responseTimeout = .seconds(30) }) { pool in
                let verdict = await pool.call(options: { $0.refusalBodyTimeout = .milliseconds(100) })
                #expect(verdict.isUnknown)
                #expect(verdict.kind == .bodyTimeout(.milliseconds(100)))
                #expect(verdict.failure?.partial?.status == status)
                #expect(verdict.failure?.partial?.headers.first("Retry-After") == "8")
                #expect(verdict.failure?.partial?.body == Array("the beginning".utf8))
            }
        }

        @Test func aSuccessWhoseBodyIsSlowIsWaitedFor() async throws {
            let server = try RawServer { connection in
                _ = connection.readRequest()
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no")
                usleep(300_000)
                connection.write("k")
                _ = connection.endsInOrder()
            }
            try await TestPool.with(server.url) { pool in
                #expect(await pool.call(options: { $0.refusalBodyTimeout = .milliseconds(100) }).text == "ok")
            }
        }

        @Test func theDeadlineOfOneCallIsNotThatOfTheNext() async throws {
            // The second call begins when half of the first one's time is over, and takes longer than the other half.
            let server = try RawServer { connection in
                while connection.readRequest() != nil {
                    usleep(600_000)
                    connection.write(answer(body: "slow"))
                }
            }
            try await TestPool.with(server.url, .with { $0.responseTimeout = .seconds(1) }) { pool in
                for _ in 0..<3 { #expect(await pool.call().text == "slow") }
                #expect(server.connections == 1)
            }
        }

        @Test func waitsForAConnectionNoLongerThanItMay() async throws {
            let server = try RawServer { connection in
                _ = connection.readRequest()
                _ = connection.endsInOrder()
            }
            try await TestPool.with(server.url, .with { $0.maxConnections = 1 }) { pool in
                async let first = pool.call("first")
                while server.requests.isEmpty { await pause() }
                let second = await pool.call("second", within: .milliseconds(100))
                #expect(second.isNotSent)
                #expect(second.kind == .poolTimeout)
                #expect(second.failure?.words == "all connections were busy")
                await pool.shutdown(within: .zero)
                #expect(await first.isUnknown)
                #expect(server.requests.map(\.body) == ["first"])
            }
        }
    }
}
