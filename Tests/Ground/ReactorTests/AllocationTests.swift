import CAllocationCounter
import Foundation
import Reactor
import Testing

@Suite(.timeLimit(.minutes(1))) struct AllocationTests {
    @Test(.enabled(if: allocation_counter_is_available(), "allocations cannot be counted here"))
    func aTurnThatMovesBytesDoesNotAllocate() async throws {
        try await withReactor { reactor in
            let (near, far) = try socketPair()
            let rally = Rally(reactor, near, far)
            try await reactor.run { try rally.begin() }
            let seen = try #require(await rally.result.value)
            #expect(seen.turns >= Rally.rounds)
            #expect(seen.allocations == 0)
            Socket.close(near)
            Socket.close(far)
        }
    }
}

/// One byte that goes back and forth between two sockets, each time with a time-out that is set and cancelled and a
/// change of what is asked.
private final class Rally: ReadinessHandler, TimerTarget, @unchecked Sendable {
    static let rounds = 10_000

    let result = Given<(turns: Int, allocations: UInt64)>()
    /// Unoptimized code allocates for each literal of this kind.
    private static let both: Interest = [.read, .write]
    private let reactor: Reactor
    private let near: Int32
    private let far: Int32
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 1)
    private var watch: Watch?
    private var timer = TimerID.none
    private var round = 0
    private var firstTurn = 0

    init(_ reactor: Reactor, _ near: Int32, _ far: Int32) {
        self.reactor = reactor
        self.near = near
        self.far = far
    }

    deinit { buffer.deallocate() }

    func begin() throws {
        watch = try reactor.watch(near, for: .read, handler: self)
        writeByte(far)
    }

    func ready(_ readiness: Readiness) {
        guard Socket.receive(near, into: buffer) == .moved(1), let watch else { return }
        round += 1
        // The first rounds make room for what is then used again.
        if round == 300 {
            firstTurn = reactor.turns
            allocation_counter_start()
        }
        reactor.cancel(timer)
        if round == 300 + Self.rounds {
            let counts = allocation_counter_stop()
            reactor.unwatch(watch)
            result.give((reactor.turns - firstTurn, counts.allocations))
            return
        }
        timer = reactor.setTimer(at: reactor.now + 10_000_000_000, target: self)
        reactor.change(watch, to: Self.both)
        reactor.change(watch, to: .read)
        _ = Socket.send(far, UnsafeRawBufferPointer(rebasing: buffer[..<1]))
    }

    func timerFired(_ tag: Int) {}
}
