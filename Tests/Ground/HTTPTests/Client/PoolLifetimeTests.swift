import Foundation
import HTTP
import HTTPCodec
import Reactor
import Synchronization
import Testing

extension ClientTests {
    @Suite("Connection pool: how long connections and calls live", .timeLimit(.minutes(1))) struct PoolLifetimeTests {
        private static let echo: RawServer.Script = { connection in
            while let request = connection.readRequest() { connection.write(answer(body: request.body)) }
        }

        /// Reads requests and answers none.
        private static let silence: RawServer.Script = { connection in
            while connection.readRequest() != nil {}
        }

        @Test func anIdleConnectionIsClosedInOrder() async throws {
            let endedInOrder = Atomic<Bool>(false)
            let server = try RawServer { connection in
                _ = connection.readRequest()
                connection.write(answer())
                endedInOrder.store(connection.endsInOrder(), ordering: .sequentiallyConsistent)
            }
            try await TestPool.with(server.url, .with { $0.idleTimeout = .milliseconds(50) }) { pool in
                #expect(await pool.call().status == 200)
                await pool.wait { $0.idle == 0 }
                while server.openConnections > 0 { await pause() }
                let isInOrder = endedInOrder.load(ordering: .sequentiallyConsistent)
                #expect(isInOrder)
            }
        }

        @Test func anOldConnectionIsReplaced() async throws {
            let server = try RawServer(Self.echo)
            try await TestPool.with(server.url, .with { $0.maxConnectionAge = .zero }) { pool in
                for number in 0..<5 { #expect(await pool.call("\(number)").text == "\(number)") }
                #expect(server.connections == 5)
            }
        }

        @Test func theConnectionsOfASpikeGoAgain() async throws {
            let server = try RawServer(Self.echo)
            try await TestPool.with(server.url, .with { $0.idleTimeout = .milliseconds(300) }) { pool in
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<40 {
                        group.addTask { _ = await pool.call(body: String(repeating: "x", count: 60_000)) }
                    }
                }
                // Low load keeps one of them busy; the others are not used any more.
                while await pool.counts.idle > 1 { #expect(await pool.call("low").text == "low") }
                #expect(await pool.call("low").text == "low")
            }
        }

        @Test func aShutdownEndsEachCallOnce() async throws {
            let server = try RawServer(Self.silence)
            let pool = try TestPool(server.url, .with { $0.maxConnections = 3 })
            let verdicts = await withTaskGroup(of: Verdict.self) { group in
                for _ in 0..<30 { group.addTask { await pool.call() } }
                while server.requests.count < 3 { await pause() }
                await pool.shutdown(within: .milliseconds(50))
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(verdicts.count { $0.isUnknown && $0.kind == .shutDown } == 3)
            #expect(verdicts.count { $0.isNotSent && $0.kind == .shutDown } == 27)
            let late = await pool.call()
            #expect(late.isNotSent && late.kind == .shutDown)
            #expect(server.requests.count == 3)
            await pool.end()
        }

        @Test func aShutdownWaitsForAnswersThatAreOnTheirWay() async throws {
            let isToAnswer = DispatchSemaphore(value: 0)
            let endedInOrder = Atomic<Bool>(false)
            let server = try RawServer { connection in
                _ = connection.readRequest()
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab")
                isToAnswer.wait()
                connection.write("cd")
                endedInOrder.store(connection.endsInOrder(), ordering: .sequentiallyConsistent)
            }
            try await TestPool.with(server.url) { pool in
                async let verdict = pool.call()
                while server.requests.isEmpty { await pause() }
                let isDown = Atomic<Bool>(false)
                pool.onLoop {
                    $0.shutdown(within: .seconds(50)) { isDown.store(true, ordering: .sequentiallyConsistent) }
                }
                #expect(await pool.call("late").kind == .shutDown)
                isToAnswer.signal()
                while !isDown.load(ordering: .sequentiallyConsistent) { await pause() }
                #expect(await verdict.text == "abcd")
                while server.openConnections > 0 { await pause() }
                let isInOrder = endedInOrder.load(ordering: .sequentiallyConsistent)
                #expect(isInOrder, "no reset")
            }
        }

        @Test func aShutdownWithinTheLastWordComesToItsEnd() async throws {
            let server = try RawServer(Self.echo)
            let pool = try TestPool(server.url)
            #expect(await pool.call("first").text == "first")
            let isDown = Atomic<Bool>(false)
            let word: @Sendable () -> Bool = {
                pool.atOnce {
                    $0.shutdown(within: .seconds(50)) { isDown.store(true, ordering: .sequentiallyConsistent) }
                }
                return false
            }
            #expect(await pool.call("second", mayStart: word).kind == .tooLate)
            // That turn is over.
            #expect(await pool.counts.idle == 0)
            let hasEnded = isDown.load(ordering: .sequentiallyConsistent)
            #expect(hasEnded)
            #expect(server.requests.map(\.body) == ["first"])
            await pool.end()
        }

        @Test func aShutdownGivesUpConnectionsThatAreBeingOpened() async throws {
            let address = try SilentAddress()
            try await TestPool.with("http://127.0.0.1:\(address.port)") { pool in
                async let verdict = pool.call()
                await pool.wait { $0.connecting == 1 }
                await pool.shutdown(within: .seconds(50))
                #expect(await verdict.isNotSent)
                #expect(await pool.counts.connecting == 0)
            }
        }

        /// What a connection hangs in while it is opened.
        enum Hang: CaseIterable {
            case connect, tunnel, handshake, queue
        }

        @Test(arguments: Hang.allCases)
        func manyCallsThatAreCancelledLeaveNothingBehind(hang: Hang) async throws {
            let silent = try SilentAddress()
            let server = try RawServer { connection in while connection.read() != nil {} }
            let url =
                switch hang {
                case .connect: "http://127.0.0.1:\(silent.port)"
                case .handshake: "https://127.0.0.1:\(server.port)"
                case .tunnel: "https://origin.test"
                case .queue: server.url
                }
            let settings = try HTTPClientSettings.with {
                $0.maxConnections = hang == .queue ? 1 : 100
                $0.tls = try TestCertificate.shared.get().client
                if hang == .tunnel { $0.proxy = try HTTPProxy("http://127.0.0.1:\(server.port)") }
            }
            try await TestPool.with(url, settings) { pool in
                let ended = Atomic<Int>(0)
                let calls = (0..<2_000).map { number in
                    TestCall("\(number)") { verdict in
                        #expect(verdict.isNotSent || hang == .queue)
                        #expect(verdict.kind == .cancelled)
                        ended.wrappingAdd(1, ordering: .relaxed)
                    }
                }
                for call in calls { pool.start(call) }
                await pool.wait { hang == .queue ? $0.busy == 1 : $0.connecting == 64 }
                pool.onLoop { own in for call in calls { own.cancel(call) } }
                await pool.wait { $0.waiting == 0 && $0.busy == 0 }
                let endings = ended.load(ordering: .relaxed)
                #expect(endings == 2_000)
                await pool.shutdown(within: .zero)
                #expect(await pool.counts.connecting == 0)
                while server.openConnections > 0 { await pause() }
            }
        }

        @Test func aConnectionThatComesTooLateForItsCallServesTheNext() async throws {
            let isToAccept = DispatchSemaphore(value: 0)
            let server = try RawServer(Self.echo)
            let resolver = TestResolver(["127.0.0.1"], port: server.port) { _ in isToAccept.wait() }
            try await TestPool.with("http://test.invalid:\(server.port)", .with { $0.resolver = resolver }) { pool in
                let cancelled = TestCall("cancelled") { #expect($0.isNotSent) }
                pool.start(cancelled)
                while resolver.asked.isEmpty { await pause() }
                pool.onLoop { $0.cancel(cancelled) }
                async let verdict = pool.call("next")
                isToAccept.signal()
                #expect(await verdict.text == "next")
                #expect(server.requests.map(\.body) == ["next"])
                #expect(server.connections == 1)
            }
        }

        @Test func nothingIsDoneWhileNothingHappens() async throws {
            let server = try RawServer(Self.echo)
            let pool = try TestPool(server.url)
            #expect(await pool.call().status == 200)
            server.stop()
            await pool.wait { $0.idle == 0 }
            // The server's end stays set at a descriptor that is watched on; so does that of a half-closed one.
            let before = pool.reactor.turns
            try await Task.sleep(for: .milliseconds(200))
            #expect(pool.reactor.turns - before < 10)
            await pool.end()
        }
    }
}
