import Testing

@testable import HTTP

@Suite("Connection pool: random steps", .timeLimit(.minutes(1))) struct PoolStateRandomTests {
    /// A naive account of what the pool did, to compare with.
    private struct Account {
        var connecting: Set<Int> = []
        var idle: [Int] = []
        var busy: [Int: PoolState.WaiterID?] = [:]
        /// In their order.
        var waiting: [(id: PoolState.WaiterID, deadline: Int64)] = []
        var now: Int64 = 0
        var started = 0
        var ended = 0
        var open: Int { connecting.count + idle.count + busy.count }
    }

    /// `#expect` costs too much to be passed a million times.
    private func expect(_ isKept: Bool, _ promise: String = "", line: Int = #line) {
        if !isKept { Issue.record("line \(line): \(promise)") }
    }

    @Test(arguments: 0..<60)
    func keepEveryPromise(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let limits = PoolState.Limits(
            maxConnections: Int.random(in: 1...9, using: &random),
            maxConnecting: Int.random(in: 1...5, using: &random),
            idleTimeout: 1_000_000_000
        )
        var pool = PoolState(limits: limits)
        var account = Account()
        for _ in 0..<4_000 {
            step(&pool, &account, limits, &random)
            openAll(&pool, &account, limits)
            check(pool, account, limits)
        }
        finish(&pool, &account)
    }

    private func step(
        _ pool: inout PoolState,
        _ account: inout Account,
        _ limits: PoolState.Limits,
        _ random: inout SplitMix64
    ) {
        switch Int.random(in: 0..<12, using: &random) {
        case 0, 1, 2, 3: start(&pool, &account, &random)
        case 4: opened(&pool, &account, &random)
        case 5:
            guard let connection = account.connecting.randomElement(using: &random) else { return }
            account.connecting.remove(connection)
            let jitter = Double.random(in: 0...1, using: &random)
            let isHopeless = pool.openFailed(connection, jitter: jitter, now: account.now)
            expect(isHopeless == (account.open == 0))
            if isHopeless {
                expect(pool.takeWaiters() == account.waiting.map(\.id))
                account.ended += account.waiting.count
                account.waiting = []
            }
        case 6, 7: release(&pool, &account, &random)
        case 8:
            // The server closes one, in use or not.
            let all = Array(account.busy.keys) + account.idle
            guard let connection = all.sorted().randomElement(using: &random) else { return }
            if account.busy.removeValue(forKey: connection) != nil { account.ended += 1 }
            account.idle.removeAll { $0 == connection }
            pool.closed(connection)
        case 9:
            guard let index = account.waiting.indices.randomElement(using: &random) else { return }
            expect(pool.cancel(account.waiting[index].id) == true)
            expect(pool.cancel(account.waiting[index].id) == false)
            account.waiting.remove(at: index)
            account.ended += 1
        default:
            account.now += Int64.random(in: 1...400_000_000, using: &random)
            expire(&pool, &account)
        }
    }

    private func start(_ pool: inout PoolState, _ account: inout Account, _ random: inout SplitMix64) {
        account.started += 1
        let deadline = account.now + Int64.random(in: 1...2_000_000_000, using: &random)
        while true {
            switch pool.start(deadline: deadline, now: account.now) {
            case .use(let connection):
                expect(account.idle.last == connection, "used last, used first")
                account.idle.removeLast()
                account.busy[connection] = .some(nil)
                return
            case .close(let connection):
                expect(account.idle.last == connection)
                account.idle.removeLast()
                pool.closed(connection)
            case .wait(let waiter):
                expect(account.idle.isEmpty)
                account.waiting.append((waiter, deadline))
                return
            case .refuse:
                Issue.record("the pool is not shut down")
                return
            }
        }
    }

    private func opened(_ pool: inout PoolState, _ account: inout Account, _ random: inout SplitMix64) {
        guard let connection = account.connecting.randomElement(using: &random) else { return }
        account.connecting.remove(connection)
        let retirement = account.now + Int64.random(in: 1...5_000_000_000, using: &random)
        take(connection, pool.opened(connection, retirement: retirement, now: account.now), &pool, &account)
    }

    private func release(_ pool: inout PoolState, _ account: inout Account, _ random: inout SplitMix64) {
        guard let connection = account.busy.keys.sorted().randomElement(using: &random) else { return }
        account.busy[connection] = nil
        account.ended += 1
        let hint = Int.random(in: 0...9, using: &random)
        let action = pool.released(connection, keepAliveHint: hint < 4 ? hint : nil, now: account.now)
        take(connection, action, &pool, &account)
    }

    private func take(
        _ connection: Int,
        _ action: PoolState.ReleaseAction,
        _ pool: inout PoolState,
        _ account: inout Account
    ) {
        switch action {
        case .grant(let waiter):
            expect(account.waiting.first?.id == waiter, "first come, first served")
            account.waiting.removeFirst()
            account.busy[connection] = waiter
        case .idle:
            expect(account.waiting.isEmpty)
            account.idle.append(connection)
        case .close: pool.closed(connection)
        }
    }

    private func openAll(_ pool: inout PoolState, _ account: inout Account, _ limits: PoolState.Limits) {
        while let connection = pool.open(now: account.now) {
            expect(pool.phase(of: connection) == .connecting)
            expect(account.connecting.insert(connection).inserted)
            expect(!account.idle.contains(connection) && account.busy[connection] == nil)
            expect(account.connecting.count <= min(limits.maxConnecting, account.waiting.count))
        }
    }

    private func expire(_ pool: inout PoolState, _ account: inout Account) {
        while let expired = pool.expire(now: account.now) {
            switch expired {
            case .call(let waiter, _):
                let index = account.waiting.firstIndex { $0.id == waiter }
                expect(index.map { account.waiting[$0].deadline <= account.now } == true)
                if let index { account.waiting.remove(at: index) }
                account.ended += 1
            case .connection(let connection):
                expect(account.idle.contains(connection))
                account.idle.removeAll { $0 == connection }
                pool.closed(connection)
            }
        }
        expect(account.waiting.allSatisfy { $0.deadline > account.now }, "none waits beyond its deadline")
    }

    private func check(_ pool: PoolState, _ account: Account, _ limits: PoolState.Limits) {
        expect(pool.connecting == account.connecting.count)
        expect(pool.idleCount == account.idle.count)
        expect(pool.busy == account.busy.count)
        expect(pool.waitingCount == account.waiting.count)
        expect(account.open <= limits.maxConnections)
        expect(account.idle.isEmpty || account.waiting.isEmpty, "nothing waits while a connection is idle")
        if let earliest = account.waiting.map(\.deadline).min() {
            expect((pool.nextDeadline ?? .max) <= earliest)
        }
        // Either something opens, or something runs, or time will go on with it.
        if !account.waiting.isEmpty, account.open < limits.maxConnections, account.connecting.isEmpty {
            expect(pool.nextDeadline != nil)
        }
    }

    private func finish(_ pool: inout PoolState, _ account: inout Account) {
        pool.shutDown()
        account.ended += pool.takeWaiters().count
        for connection in pool.unusedConnections { pool.closed(connection) }
        for connection in account.busy.keys {
            expect(pool.released(connection, keepAliveHint: nil, now: account.now) == .close)
            pool.closed(connection)
            account.ended += 1
        }
        expect(pool.openCount == 0)
        expect(account.started == account.ended, "each call ends once")
    }
}
