import Foundation
import Reactor
import Testing

@Suite(.timeLimit(.minutes(1))) struct WatchTests {
    @Test func tellsAHandlerOfBytesAndOfRoom() async throws {
        try await withReactor { reactor in
            let (near, far) = try socketPair()
            let told = Given<Readiness>()
            let watch = try await reactor.run {
                try reactor.watch(near, for: [.read, .write], handler: Handler { told.give($0) })
            }
            #expect(await told.value == .writable)
            try await reactor.run { reactor.change(watch, to: .read) }
            writeByte(far)
            var seen = await told.value
            while seen == .writable { seen = await told.value }
            #expect(seen == .readable)
            try await reactor.run {
                reactor.unwatch(watch)
                reactor.unwatch(watch)
            }
            Socket.close(near)
            Socket.close(far)
        }
    }

    @Test func refusesADescriptorThatIsWatchedOrClosed() async throws {
        try await withReactor { reactor in
            let (near, far) = try socketPair()
            let watch = try await reactor.run { try reactor.watch(near, for: .read, handler: Handler()) }
            let again = await #expect(throws: ReactorError.self) {
                try await reactor.run { _ = try reactor.watch(near, for: .write, handler: Handler()) }
            }
            #expect(again?.code == EEXIST)
            try await reactor.run { reactor.unwatch(watch) }
            Socket.close(near)
            Socket.close(far)
            let closed = await #expect(throws: ReactorError.self) {
                try await reactor.run { _ = try reactor.watch(-1, for: .read, handler: Handler()) }
            }
            #expect(closed?.code == EBADF)
            #expect("\(try #require(closed))".contains("cannot watch descriptor -1: Bad file descriptor"))
        }
    }

    @Test func aStaleEventDoesNotReachTheSuccessorOfItsDescriptor() async throws {
        try await withReactor { reactor in
            let first = try socketPair()
            let second = try socketPair()
            let fresh = try socketPair()
            let successorTold = Local<[Readiness]>([])
            let succession = Local<(old: Int32, turn: Int)?>(nil)
            try await reactor.run {
                let watches = Local<[Int32: Watch]>([:])
                for (own, other) in [(first.0, second.0), (second.0, first.0)] {
                    let handler = Handler { _ in
                        // Whichever comes first closes the other and gives its number to a fresh socket.
                        guard succession.value == nil, let watch = watches.value[other] else { return }
                        succession.value = (other, reactor.turns)
                        reactor.unwatch(watch)
                        dup2(fresh.0, other)
                        let successor = Handler { successorTold.value.append($0) }
                        watches.value[other] = try? reactor.watch(other, for: [.read], handler: successor)
                        if let mine = watches.value[own] { reactor.unwatch(mine) }
                    }
                    watches.value[own] = try reactor.watch(own, for: .read, handler: handler)
                }
                // Both are ready at the next look, and so come in one batch.
                writeByte(first.1)
                writeByte(second.1)
            }
            _ = await reactor.turnsWhileIdle()
            let (seen, told) = try await reactor.run { (succession.value, successorTold.value) }
            #expect(seen != nil)
            #expect(told.isEmpty, "the successor was told of its predecessor's bytes")
            // It is alive all the same.
            writeByte(fresh.1)
            while try await reactor.run({ successorTold.value.isEmpty }) {}
            await reactor.shutdown()
            for descriptor in [first.0, first.1, second.0, second.1, fresh.0, fresh.1] { Socket.close(descriptor) }
        }
    }

    @Test func anUnwatchedHandlerIsNotCalledAndGoesAtTheEndOfTheTurn() async throws {
        try await withReactor { reactor in
            let (near, far) = try socketPair()
            let order = Local<[String]>([])
            try await reactor.run {
                let watch = Local<Watch?>(nil)
                let handler = LeavingHandler(order) {
                    if let watch = watch.value { reactor.unwatch(watch) }
                }
                watch.value = try reactor.watch(near, for: .read, handler: handler)
                writeByte(far)
                reactor.schedule(at: 0) { order.value.append("timer of the same turn") }
            }
            _ = await reactor.turnsWhileIdle()
            let seen = try await reactor.run { order.value }
            #expect(seen == ["called", "unwatched", "timer of the same turn", "gone"])
            Socket.close(near)
            Socket.close(far)
        }
    }

    @Test func aResetPeerDoesNotSpinWhereNothingIsAsked() async throws {
        try await withReactor { reactor in
            let (near, far) = try tcpPair()
            let told = Given<Readiness>()
            let watch = try await reactor.run {
                try reactor.watch(near, for: [], handler: Handler { told.give($0) })
            }
            writeByte(far)
            #expect(await reactor.turnsWhileIdle() == 1, "bytes were told though nothing was asked")
            Socket.setResetOnClose(far)
            Socket.close(far)
            let readiness = try #require(await told.value)
            #expect(readiness.contains(.failed) && readiness.contains(.hangUp))
            #expect(await reactor.turnsWhileIdle() == 1, "the reactor goes round though nothing was asked")
            // Asked again, it tells again, as long as nobody reads.
            try await reactor.run { reactor.change(watch, to: .read) }
            let asked = try #require(await told.value)
            #expect(asked.contains(.readable) && asked.contains(.failed))
            try await reactor.run { reactor.change(watch, to: []) }
            #expect(await reactor.turnsWhileIdle() == 1)
            try await reactor.run { reactor.unwatch(watch) }
            Socket.close(near)
        }
    }

    @Test func tellsWhoReadsThatTheWriterOfAPipeIsGone() async throws {
        try await withReactor { reactor in
            var ends: [Int32] = [-1, -1]
            try #require(pipe(&ends) == 0)
            let (near, far) = (ends[0], ends[1])
            let told = Given<Readiness>()
            let watch = try await reactor.run {
                try reactor.watch(near, for: .read, handler: Handler { told.give($0) })
            }
            Socket.close(far)
            // The system says hang-up alone; reading gives the end.
            #expect(await told.value == [.readable, .hangUp])
            try await reactor.run { reactor.unwatch(watch) }
            Socket.close(near)
        }
    }

    @Test func oneThatIsAlwaysReadyKeepsNobodyWaiting() async throws {
        try await withReactor { reactor in
            let busy = try socketPair()
            let other = try socketPair()
            let told = Given<Readiness>()
            let fired = Given<Bool>()
            let watches = try await reactor.run {
                let first = try reactor.watch(busy.0, for: .write, handler: Handler())
                let second = try reactor.watch(other.0, for: .read, handler: Handler { told.give($0) })
                reactor.schedule(at: reactor.now + 1_000_000) { fired.give(true) }
                return [first, second]
            }
            writeByte(other.1)
            #expect(await told.value == .readable)
            #expect(await fired.value == true)
            try await reactor.run { for watch in watches { reactor.unwatch(watch) } }
            for descriptor in [busy.0, busy.1, other.0, other.1] { Socket.close(descriptor) }
        }
    }

    @Test(.enabled(if: descriptorLimit >= 11_000, "so many descriptors are not allowed here"))
    func watchesTenThousandDescriptors() async throws {
        var limit = rlimit(rlim_cur: descriptorLimit, rlim_max: descriptorLimit)
        try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
        let pairs = try (0..<5_000).map { _ in try socketPair() }
        let descriptors = pairs.flatMap { [$0.0, $0.1] }
        try await withReactor { reactor in
            let told = Local<[Int32: Int]>([:])
            let all = Given<Bool>()
            let watches = try await reactor.run {
                try descriptors.map { descriptor in
                    let handler = Handler { _ in
                        readAll(descriptor)
                        told.value[descriptor, default: 0] += 1
                        if told.value.count == descriptors.count { all.give(true) }
                    }
                    return try reactor.watch(descriptor, for: .read, handler: handler)
                }
            }
            for descriptor in descriptors { writeByte(descriptor) }
            #expect(await all.value == true)
            #expect(try await reactor.run { told.value.values.allSatisfy { $0 == 1 } })
            try await reactor.run { for watch in watches { reactor.unwatch(watch) } }
        }
        for descriptor in descriptors { Socket.close(descriptor) }
    }
}

/// Notes when it is called, when it has unwatched itself, and when it goes.
private final class LeavingHandler: ReadinessHandler {
    private let order: Local<[String]>
    private let leave: () -> Void

    init(_ order: Local<[String]>, leave: @escaping () -> Void) {
        self.order = order
        self.leave = leave
    }

    deinit { order.value.append("gone") }

    func ready(_ readiness: Readiness) {
        order.value.append("called")
        leave()
        order.value.append("unwatched")
    }
}

/// How many descriptors the process may ask for.
private let descriptorLimit: rlim_t = {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return limit.rlim_max
}()
