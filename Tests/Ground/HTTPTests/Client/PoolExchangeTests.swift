import HTTP
import HTTPCodec
import Reactor
import Synchronization
import Testing

extension ClientTests {
    @Suite("Connection pool: calls and answers", .timeLimit(.minutes(1))) struct PoolExchangeTests {
        /// Answers each request with its own body.
        private static let echo: RawServer.Script = { connection in
            while let request = connection.readRequest() { connection.write(answer(body: request.body)) }
        }

        @Test func carriesOneCallAfterTheOtherOnOneConnection() async throws {
            let server = try RawServer(Self.echo)
            try await TestPool.with(server.url) { pool in
                for number in 0..<50 {
                    let verdict = await pool.call("call \(number)")
                    guard case .answered(let response, let isFirst) = verdict else {
                        Issue.record("no answer: \(verdict)")
                        return
                    }
                    #expect(String(decoding: response.body, as: UTF8.self) == "call \(number)")
                    #expect(isFirst == (number == 0))
                }
                #expect(server.connections == 1)
                let counts = await pool.counts
                #expect(counts.idle == 1)
                #expect(counts.opened == 1)
                #expect(counts.busy == 0)
            }
        }

        @Test func carriesManyCallsAtOnce() async throws {
            let server = try RawServer(Self.echo)
            try await TestPool.with(server.url, .with { $0.maxConnections = 8 }) { pool in
                await withTaskGroup(of: Bool.self) { group in
                    for number in 0..<400 {
                        group.addTask { await pool.call("call \(number)").text == "call \(number)" }
                    }
                    for await isOwn in group { #expect(isOwn) }
                }
                #expect(server.connections <= 8)
                #expect(server.requests.count == 400)
            }
        }

        @Test func aCallWhoseLastWordIsNoLeavesTheConnectionToOthers() async throws {
            let server = try RawServer(Self.echo)
            try await TestPool.with(server.url) { pool in
                let late = await pool.call("late", mayStart: { false })
                #expect(late.kind == .tooLate)
                #expect(late.isNotSent)
                #expect(await pool.call("in time").text == "in time")
                let lateAgain = await pool.call("late again", mayStart: { false })
                #expect(lateAgain.isNotSent)
                #expect(server.connections == 1)
                #expect(server.requests.map(\.body) == ["in time"])
            }
        }

        @Test func aCallMayDiscardItsConnection() async throws {
            let server = try RawServer(Self.echo)
            try await TestPool.with(server.url) { pool in
                #expect(await pool.call("one", use: .discard).text == "one")
                #expect(await pool.counts.idle == 0)
                #expect(await pool.call("two").text == "two")
                #expect(server.connections == 2)
            }
        }

        @Test func aLongRequestIsWrittenInParts() async throws {
            let server = try RawServer(Self.echo)
            let body = String(repeating: "0123456789abcdef", count: 600_000)
            try await TestPool.with(server.url, .with { $0.maxResponseBytes = 20_000_000 }) { pool in
                #expect(await pool.call(body: body).text == body)
                #expect(await pool.call("short").text == "short")
                #expect(server.connections == 1)
            }
        }

        @Test func aCallThatEndsMayStartTheNext() async throws {
            let server = try RawServer(Self.echo)
            try await TestPool.with(server.url) { pool in
                let count = Atomic<Int>(0)
                await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
                    @Sendable func next(_ pool: HTTPConnectionPool) {
                        let number = count.wrappingAdd(1, ordering: .relaxed).newValue
                        if number > 100 { return done.resume() }
                        let box = PoolBox(pool: pool)
                        let call = TestCall("\(number)") { verdict in
                            #expect(verdict.text == "\(number)")
                            next(box.pool)
                        }
                        pool.start(call, latestStart: .max)
                    }
                    pool.onLoop { next($0) }
                }
                #expect(server.connections == 1, "the connection that is about to be free serves the next call")
            }
        }

        private struct PoolBox: @unchecked Sendable {
            let pool: HTTPConnectionPool
        }
    }
}
