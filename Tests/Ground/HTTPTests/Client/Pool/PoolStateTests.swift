import Testing

@testable import HTTP

@Suite("Connection pool: decisions") struct PoolStateTests {
    private static let second: Int64 = 1_000_000_000

    private func pool(_ maxConnections: Int, maxConnecting: Int = 64) -> PoolState {
        PoolState(
            limits: PoolState.Limits(
                maxConnections: maxConnections,
                maxConnecting: maxConnecting,
                idleTimeout: 10 * Self.second
            )
        )
    }

    private func waiter(_ action: PoolState.StartAction) throws -> PoolState.WaiterID {
        guard case .wait(let waiter) = action else { throw Unexpected(action: "\(action)") }
        return waiter
    }

    /// `#require` cannot call a mutating function by itself.
    private func required<Value>(_ value: Value?) throws -> Value { try #require(value) }

    private struct Unexpected: Error { var action: String }

    /// A pool with so many idle connections, 0 being the least recently used.
    private func idlePool(_ count: Int, maxConnections: Int = 8) throws -> PoolState {
        var pool = pool(maxConnections)
        for _ in 0..<count { _ = try waiter(pool.start(deadline: .max, now: 0)) }
        let opened = (0..<count).compactMap { _ in pool.open(now: 0) }
        #expect(opened == Array(0..<count))
        for connection in opened {
            guard case .grant = pool.opened(connection, retirement: .max, now: 0) else {
                throw Unexpected(action: "no grant")
            }
        }
        for connection in opened { #expect(pool.released(connection, keepAliveHint: nil, now: 0) == .idle) }
        return pool
    }

    @Test func opensOneConnectionForEachCallThatWaits() throws {
        var pool = pool(2)
        let first = try waiter(pool.start(deadline: .max, now: 0))
        let second = try waiter(pool.start(deadline: .max, now: 0))
        let third = try waiter(pool.start(deadline: .max, now: 0))
        #expect(pool.open(now: 0) == 0)
        #expect(pool.open(now: 0) == 1)
        #expect(pool.open(now: 0) == nil, "two are allowed")
        #expect(pool.opened(1, retirement: .max, now: 0) == .grant(first))
        #expect(pool.opened(0, retirement: .max, now: 0) == .grant(second))
        #expect(pool.released(0, keepAliveHint: nil, now: 0) == .grant(third))
        #expect(pool.released(1, keepAliveHint: nil, now: 0) == .idle)
        #expect(pool.open(now: 0) == nil, "nothing waits")
    }

    @Test func usesTheConnectionThatWasUsedLast() throws {
        var pool = try idlePool(3)
        #expect(pool.start(deadline: .max, now: 1) == .use(2))
        #expect(pool.start(deadline: .max, now: 1) == .use(1))
        #expect(pool.released(2, keepAliveHint: nil, now: 1) == .idle)
        #expect(pool.start(deadline: .max, now: 1) == .use(2))
    }

    @Test func closesIdleConnectionsAndNothingElse() throws {
        var pool = try idlePool(3)
        #expect(pool.start(deadline: .max, now: 1) == .use(2))
        #expect(pool.expire(now: 10 * Self.second - 1) == nil)
        for expected in [0, 1] {
            #expect(pool.expire(now: 10 * Self.second) == .connection(expected))
            pool.closed(expected)
        }
        #expect(pool.expire(now: 10 * Self.second) == nil)
        #expect(pool.openCount == 1)
    }

    @Test func doesNotUseAConnectionWhoseTimeIsOver() throws {
        var pool = try idlePool(2)
        #expect(pool.start(deadline: .max, now: 10 * Self.second) == .close(1))
        pool.closed(1)
        #expect(pool.start(deadline: .max, now: 10 * Self.second) == .close(0))
        pool.closed(0)
        guard case .wait = pool.start(deadline: .max, now: 10 * Self.second) else {
            Issue.record("no idle connection is left")
            return
        }
    }

    @Test func closesASecondBeforeTheServer() throws {
        var pool = try idlePool(1)
        #expect(pool.start(deadline: .max, now: 0) == .use(0))
        #expect(pool.released(0, keepAliveHint: 5, now: 0) == .idle)
        #expect(pool.start(deadline: .max, now: 4 * Self.second - 1) == .use(0))
        #expect(pool.released(0, keepAliveHint: 5, now: 0) == .idle)
        #expect(pool.start(deadline: .max, now: 4 * Self.second) == .close(0))
    }

    @Test(arguments: [0, 1])
    func doesNotKeepWhatTheServerClosesWithinASecond(hint: Int) throws {
        var pool = try idlePool(1)
        #expect(pool.start(deadline: .max, now: 0) == .use(0))
        #expect(pool.released(0, keepAliveHint: hint, now: 0) == .close)
        pool.closed(0)
        #expect(pool.openCount == 0)
    }

    @Test func doesNotUseAnOldConnectionAgain() throws {
        var pool = pool(1)
        let first = try waiter(pool.start(deadline: .max, now: 0))
        #expect(pool.open(now: 0) == 0)
        #expect(pool.opened(0, retirement: 100, now: 0) == .grant(first))
        #expect(pool.released(0, keepAliveHint: nil, now: 99) == .idle)
        #expect(pool.start(deadline: .max, now: 99) == .use(0))
        #expect(pool.released(0, keepAliveHint: nil, now: 100) == .close)
    }

    @Test func openConnectionsRetireWithTheirSettings() throws {
        var pool = try idlePool(2)
        #expect(pool.start(deadline: .max, now: 0) == .use(1))
        pool.retireAll()
        #expect(pool.start(deadline: .max, now: 0) == .close(0))
        pool.closed(0)
        #expect(pool.released(1, keepAliveHint: nil, now: 0) == .close)
    }

    @Test func boundsTheConnectionsThatAreOpenedAtOnce() throws {
        var pool = pool(100, maxConnecting: 3)
        for _ in 0..<50 { _ = try waiter(pool.start(deadline: .max, now: 0)) }
        #expect((0..<50).compactMap { _ in pool.open(now: 0) } == [0, 1, 2])
        _ = pool.opened(1, retirement: .max, now: 0)
        #expect((0..<50).compactMap { _ in pool.open(now: 0) } == [3])
    }

    @Test func aCallThatIsCancelledLeavesItsTurnToTheNext() throws {
        var pool = pool(1)
        let first = try waiter(pool.start(deadline: .max, now: 0))
        let second = try waiter(pool.start(deadline: .max, now: 0))
        #expect(pool.open(now: 0) == 0)
        #expect(pool.cancel(first) == true)
        #expect(pool.cancel(first) == false)
        #expect(pool.opened(0, retirement: .max, now: 0) == .grant(second))
        #expect(pool.cancel(second) == false, "its turn has come")
    }

    @Test func aCallThatIsPutBackIsTheNext() throws {
        var pool = pool(1)
        let first = try waiter(pool.start(deadline: 50, now: 0))
        let second = try waiter(pool.start(deadline: .max, now: 0))
        #expect(pool.open(now: 0) == 0)
        #expect(pool.opened(0, retirement: .max, now: 0) == .grant(first))
        let again = pool.putBack(deadline: 50)
        pool.closed(0)
        #expect(pool.open(now: 0) == 0)
        #expect(pool.opened(0, retirement: .max, now: 0) == .grant(again))
        #expect(pool.released(0, keepAliveHint: nil, now: 0) == .grant(second))
    }

    @Test func aCallWaitsUntilItsDeadline() throws {
        var pool = pool(1)
        let first = try waiter(pool.start(deadline: 100, now: 0))
        let second = try waiter(pool.start(deadline: 50, now: 0))
        let third = try waiter(pool.start(deadline: 70, now: 0))
        #expect(pool.nextDeadline == 50)
        #expect(pool.expire(now: 49) == nil)
        #expect(pool.expire(now: 50) == .call(second, .allBusy))
        #expect(pool.cancel(third) == true)
        #expect(pool.open(now: 60) == 0)
        #expect(pool.expire(now: 100) == .call(first, .connecting))
        #expect(pool.nextDeadline == nil)
    }

    @Test func saysWhyACallGotNoConnection() throws {
        var pool = pool(1)
        _ = try waiter(pool.start(deadline: 100, now: 0))
        let second = try waiter(pool.start(deadline: 100, now: 0))
        #expect(pool.open(now: 0) == 0)
        _ = pool.opened(0, retirement: .max, now: 0)
        #expect(pool.expire(now: 100) == .call(second, .allBusy))
        pool.closed(0)
        let third = try waiter(pool.start(deadline: 200, now: 100))
        #expect(pool.open(now: 100) == 0)
        #expect(pool.openFailed(0, jitter: 0, now: 100) == true)
        #expect(pool.expire(now: 200) == .call(third, .failed))
    }

    @Test func waitsLongerAfterEachConnectionThatCannotBeOpened() throws {
        var pool = pool(8)
        for _ in 0..<8 { _ = try waiter(pool.start(deadline: .max, now: 0)) }
        var now: Int64 = 0
        var pauses: [Int64] = []
        for _ in 0..<7 {
            let connection = try required(pool.open(now: now))
            #expect(pool.openFailed(connection, jitter: 1, now: now) == true)
            #expect(pool.open(now: now) == nil)
            let next = try #require(pool.nextDeadline)
            #expect(pool.open(now: next - 1) == nil)
            pauses.append((next - now) / 1_000_000)
            now = next
        }
        #expect(pauses == [50, 100, 200, 400, 800, 1000, 1000])
        // Two at once try again, and the first that succeeds ends the pauses.
        let probes = (0..<8).compactMap { _ in pool.open(now: now) }
        #expect(probes.count == 2)
        _ = pool.opened(probes[0], retirement: .max, now: now)
        #expect((0..<8).compactMap { _ in pool.open(now: now) }.count == 6)
    }

    @Test func countsConnectionsThatFailTogetherOnce() throws {
        var pool = pool(50)
        for _ in 0..<50 { _ = try waiter(pool.start(deadline: .max, now: 0)) }
        let connections = (0..<50).compactMap { _ in pool.open(now: 0) }
        #expect(connections.count == 50)
        for connection in connections {
            #expect(pool.openFailed(connection, jitter: 1, now: 5) == (connection == connections.last))
        }
        #expect(pool.nextDeadline == 50_000_005)
    }

    @Test func callsStayWhileAConnectionLives() throws {
        var pool = try idlePool(1)
        #expect(pool.start(deadline: .max, now: 0) == .use(0))
        let second = try waiter(pool.start(deadline: .max, now: 0))
        let connection = try required(pool.open(now: 0))
        #expect(pool.openFailed(connection, jitter: 0, now: 0) == false)
        #expect(pool.released(0, keepAliveHint: nil, now: 0) == .grant(second))
    }

    @Test func refusesEverythingAfterTheShutdown() throws {
        var pool = try idlePool(2)
        #expect(pool.start(deadline: .max, now: 0) == .use(1))
        #expect(pool.start(deadline: .max, now: 0) == .use(0))
        let waiting = try waiter(pool.start(deadline: .max, now: 0))
        let connecting = try required(pool.open(now: 0))
        pool.shutDown()
        #expect(pool.start(deadline: .max, now: 0) == .refuse)
        #expect(pool.takeWaiters() == [waiting])
        #expect(pool.unusedConnections == [connecting])
        pool.closed(connecting)
        #expect(pool.released(0, keepAliveHint: nil, now: 0) == .close)
        pool.closed(0)
        pool.closed(1)
        #expect(pool.openCount == 0)
        #expect(pool.open(now: 0) == nil)
        #expect(pool.nextDeadline == nil)
    }
}
