import InstagramMessaging
import Reactor
import Synchronization
import Testing

@testable import SendWorker

@Suite("Graph transport: against a server that fails at random", .timeLimit(.minutes(2)))
struct UnreliableServerTests {
    /// A small generator, so that a failure can be had again.
    private final class Dice: Sendable {
        private let state: Atomic<UInt64>

        init(seed: UInt64) { state = Atomic(seed) }

        func roll(_ sides: UInt64) -> UInt64 {
            var value = state.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return (value ^ (value >> 31)) % sides
        }
    }

    @Test("what ends as not sent was never received, what ends as delivered was answered", arguments: [1, 2, 3])
    func promise(seed: UInt64) async throws {
        let dice = Dice(seed: seed)
        let calls = 600
        try await RawServer.with(
            RawServer.Script(
                welcome: { _ in dice.roll(5) == 0 ? .reset : .read },
                react: { _ in
                    switch dice.roll(8) {
                    case 0: .reset
                    case 1: .answerAndClose("")
                    case 2: .answerAndClose("HTTP/1.1 200 OK\r\nContent-Le")
                    case 3, 4: .answerAndClose(TransportFixture.delivered)  // closes what the client takes for idle
                    default: .answer(TransportFixture.delivered)
                    }
                }
            )
        ) { server in
            let transport = try TransportFixture.transport(to: server.url, maxInFlight: 4)
            let outcomes = try await TransportFixture.withTransport(transport) { transport in
                await withTaskGroup(of: [(String, CallOutcome)].self) { group in
                    for worker in 0..<8 {
                        group.addTask {
                            var outcomes: [(String, CallOutcome)] = []
                            for number in 0..<(calls / 8) {
                                let body = "call \(worker) \(number)"
                                outcomes.append((body, await transport.outcome(of: TransportFixture.call(body))))
                            }
                            return outcomes
                        }
                    }
                    return await group.reduce(into: []) { $0 += $1 }
                }
            }
            let received = Set(server.requests.map(\.body))
            #expect(outcomes.count == calls)
            #expect(server.requests.count == received.count, "a call was made twice")
            for (body, outcome) in outcomes {
                switch outcome.outcomeClass {
                case .notSent: #expect(!received.contains(body))
                case .delivered: #expect(received.contains(body))
                default: #expect(outcome.outcomeClass == .unknown)
                }
            }
            // The server did misbehave.
            #expect(Set(outcomes.map(\.1.outcomeClass)).isSuperset(of: [.delivered, .unknown]))
        }
    }

    @Test("a call whose turn comes too late sends no body, whatever the server does", arguments: [1, 2, 3])
    func tooLate(seed: UInt64) async throws {
        let dice = Dice(seed: seed)
        let script = RawServer.Script(
            welcome: { _ in
                switch dice.roll(6) {
                case 0: .reset
                case 1: .answerEarly(TransportFixture.delivered)
                case 2: .answerEarly("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                default: .read
                }
            },
            react: { _ in dice.roll(4) == 0 ? .answerAndClose("") : .answer(TransportFixture.delivered) }
        )
        try await RawServer.with(script) { server in
            let transport = try TransportFixture.transport(to: server.url, maxInFlight: 4)
            let late = try await TransportFixture.withTransport(transport) { transport in
                await withTaskGroup(of: [String].self) { group in
                    for worker in 0..<8 {
                        group.addTask {
                            var late: [String] = []
                            for number in 0..<75 {
                                let isLate = dice.roll(2) == 0
                                let call = TransportFixture.call("call \(worker) \(number)")
                                let outcome = await transport.outcome(of: call) { _ in !isLate }
                                guard isLate else { continue }
                                #expect(outcome.outcomeClass == .notSent)
                                late.append("call \(worker) \(number)")
                            }
                            return late
                        }
                    }
                    return await group.reduce(into: []) { $0 += $1 }
                }
            }
            #expect(late.count > 100)
            #expect(Set(server.requests.map(\.body)).isDisjoint(with: late))
            #expect(!server.requests.isEmpty)
        }
    }

    @Test("a call whose turn comes too late is no attempt")
    func tooLateIsNoAttempt() async throws {
        try await RawServer.with(RawServer.Script { _ in .answer(TransportFixture.delivered) }) { server in
            let transport = try TransportFixture.transport(to: server.url)
            try await TransportFixture.withTransport(transport) { transport in
                let outcome = await transport.outcome { _ in false }
                #expect(outcome.outcomeClass == .notSent)
                #expect(!outcome.wasStarted)
                #expect(server.requests.isEmpty)
                #expect(await transport.outcome().outcomeClass == .delivered)
            }
        }
    }

    @Test("whoever has a call made is told whether it had to wait since it was asked for")
    func hasWaited() async throws {
        try await RawServer.with(RawServer.Script { _ in .answer(TransportFixture.delivered) }) { server in
            let transport = try TransportFixture.transport(to: server.url)
            let answers = Mutex<[Bool]>([])
            try await TransportFixture.withTransport(transport) { transport in
                // The first has to wait for its connection, which the second finds idle.
                for _ in 0..<2 {
                    await withCheckedContinuation { continuation in
                        TestReactor.shared.execute {
                            let caller = TestCaller(
                                mayStart: { hasWaited in
                                    answers.withLock { $0.append(hasWaited) }
                                    return true
                                },
                                completion: { _ in TestReactor.shared.runSoon { continuation.resume() } }
                            )
                            transport.send(TransportFixture.call(), for: caller)
                        }
                    }
                }
                // Asked for elsewhere, it waits for the reactor.
                _ = await transport.outcome { hasWaited in
                    answers.withLock { $0.append(hasWaited) }
                    return true
                }
            }
            #expect(answers.withLock(\.self) == [true, false, true])
        }
    }

    @Test("calls are completed on the transport's reactor")
    func oneReactor() async throws {
        let script = RawServer.Script { _ in .answer(TransportFixture.delivered) }
        try await RawServer.with(script) { server in
            let transport = try TransportFixture.transport(to: server.url, maxInFlight: 16)
            let areThere = try await TransportFixture.withTransport(transport) { transport in
                await withTaskGroup(of: Bool.self) { group in
                    for _ in 0..<100 { group.addTask { await transport.isCompletedOnItsReactor() } }
                    return await group.reduce(true) { $0 && $1 }
                }
            }
            #expect(areThere)
        }
    }
}

extension HTTPGraphTransport {
    fileprivate func isCompletedOnItsReactor() async -> Bool {
        await withCheckedContinuation { continuation in
            let caller = TestCaller { _ in continuation.resume(returning: TestReactor.shared.isCurrent) }
            send(TransportFixture.call(), for: caller)
        }
    }
}
