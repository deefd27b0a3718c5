import Foundation
import Reactor
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct ResolverTests {
    private typealias Answer = Result<[SocketAddress], ResolveError>

    private let address = SocketAddress(ipAddress: "192.0.2.1", port: 0)

    @Test(arguments: ["127.0.0.1", "::1"])
    func answersNumericHostsWithoutAskingAnybody(_ host: String) async throws {
        try await withReactor { reactor in
            let resolver = SystemResolver { _ in .failure(ResolveError(kind: .temporary, words: "asked")) }
            let answer = Given<Answer>()
            reactor.execute {
                let turn = reactor.turns
                resolver.resolve(host, port: 80, on: reactor) { result in
                    #expect(reactor.turns > turn, "called within the call")
                    answer.give(result)
                }
            }
            let expected = try #require(SocketAddress(ipAddress: host, port: 80))
            #expect(await answer.value == .success([expected]))
        }
    }

    @Test func findsTheOwnMachine() async throws {
        try await withReactor { reactor in
            let answer = Given<Answer>()
            reactor.execute {
                SystemResolver().resolve("localhost", port: 8_080, on: reactor) { result in
                    #expect(reactor.isCurrent)
                    answer.give(result)
                }
            }
            let addresses = try #require(await answer.value).get()
            #expect(addresses.contains { $0.ipAddress == "127.0.0.1" || $0.ipAddress == "::1" })
            #expect(addresses.allSatisfy { $0.port == 8_080 })
            #expect(Set(addresses).count == addresses.count)
        }
    }

    @Test(arguments: ["", "a\0b", "no such name"])
    func saysThatANameDoesNotExist(_ host: String) throws {
        guard case .failure(let error) = SystemResolver.addresses(of: host) else {
            Issue.record("it has addresses")
            return
        }
        #expect(error.kind == .notFound)
        #expect(!error.words.isEmpty)
    }

    @Test func looksUpAHostOnceForAllThatAskMeanwhile() async throws {
        try await withReactor { reactor in
            try await withReactor { other in
                let gate = Gate()
                let lookUps = Atomic<Int>(0)
                let address = try #require(address)
                let resolver = SystemResolver { _ in
                    lookUps.add(1, ordering: .relaxed)
                    gate.wait()
                    return .success([address])
                }
                let answers = Given<Int>()
                for asker in [reactor, other] {
                    for port in 1...50 {
                        try await asker.run {
                            resolver.resolve("example.test", port: port, on: asker) { result in
                                #expect(asker.isCurrent)
                                #expect((try? result.get())?.map(\.port) == [port])
                                answers.give(port)
                            }
                        }
                    }
                }
                gate.open()
                for _ in 0..<100 { _ = await answers.value }
                #expect(lookUps.load(ordering: .relaxed) == 1)
                // Nothing is kept: who asks later asks anew.
                gate.open()
                try await reactor.run {
                    resolver.resolve("example.test", port: 1, on: reactor) { _ in answers.give(0) }
                }
                _ = await answers.value
                #expect(lookUps.load(ordering: .relaxed) == 2)
            }
        }
    }

    @Test func aSlowNameKeepsNoOtherWaiting() async throws {
        try await withReactor { reactor in
            let gate = Gate()
            let address = try #require(address)
            let running = Atomic<Int>(0)
            let resolver = SystemResolver(maxThreads: 2) { host in
                running.add(1, ordering: .relaxed)
                if host.hasPrefix("slow") { gate.wait() }
                return .success([address])
            }
            let answers = Given<String>()
            let timer = Given<Bool>()
            try await reactor.run {
                for host in ["slow1", "fast1", "fast2", "slow2", "slow3"] {
                    resolver.resolve(host, port: 1, on: reactor) { _ in answers.give(host) }
                }
                reactor.schedule(at: reactor.now + 1_000_000) { timer.give(true) }
            }
            #expect(await timer.value == true)
            let fast = [await answers.value, await answers.value]
            #expect(fast == ["fast1", "fast2"])
            while running.load(ordering: .relaxed) < 4 { await Task.yield() }
            for _ in 0..<3 { gate.open() }
            let slow = [await answers.value, await answers.value, await answers.value]
            #expect(Set(slow) == ["slow1", "slow2", "slow3"])
        }
    }

    @Test func givesUpAtTheDeadlineAndIgnoresWhatComesLater() async throws {
        try await withReactor { reactor in
            let gate = Gate()
            let address = try #require(address)
            let resolver = SystemResolver { _ in
                gate.wait()
                return .success([address])
            }
            let answers = Given<Answer>()
            let later = Given<Answer>()
            try await reactor.run {
                let deadline = reactor.now + 2_000_000
                resolver.resolve("example.test", port: 1, on: reactor, deadline: deadline) { answers.give($0) }
                resolver.resolve("example.test", port: 1, on: reactor, deadline: .max) { later.give($0) }
            }
            guard case .failure(let error) = await answers.value else {
                Issue.record("it has an answer")
                return
            }
            #expect(error.kind == .tooLate)
            gate.open()
            #expect(await later.value?.map(\.count) == .success(1))
            answers.give(.success([]))
            #expect(await answers.value == .success([]), "the late answer came as a second one")
            // The timer of the one that was answered is gone.
            #expect(await reactor.turnsWhileIdle() == 1)
        }
    }

    @Test func anAnswerForAReactorThatHasEndedIsDropped() async throws {
        let reactor = try Reactor(name: "test")
        let gate = Gate()
        let address = try #require(address)
        let isOver = Given<Bool>()
        let resolver = SystemResolver(maxThreads: 1) { host in
            if host == "last" { isOver.give(true) } else { gate.wait() }
            return .success([address])
        }
        try await reactor.run {
            resolver.resolve("example.test", port: 1, on: reactor) { _ in Issue.record("called after the end") }
        }
        await reactor.shutdown()
        gate.open()
        try await withReactor { other in
            try await other.run { resolver.resolve("last", port: 1, on: other) { _ in } }
            #expect(await isOver.value == true)
        }
    }
}
