/// Decides which call gets which connection, when a connection is opened and when it is closed.
///
/// Events are mutating functions that return what is to be done. It knows neither clock nor socket: times are monotonic
/// nanoseconds that come in.
///
/// These always hold: no connection is idle while a call waits (between two events); a connection carries one call at a
/// time; there are never more connections than allowed, those that are being opened included.
struct PoolState {
    /// Of a connection, from the moment it is begun to be opened until it is closed. Used again afterwards.
    typealias ConnectionID = Int

    /// Of a call that waits. Never used again.
    struct WaiterID: Hashable {
        var slot: Int
        var generation: UInt32
    }

    struct Limits {
        var maxConnections: Int
        /// Connections that are being opened at once.
        var maxConnecting = 64
        /// The same after a connection could not be opened, until one could.
        var maxConnectingAfterFailure = 2
        var idleTimeout: Int64
        var firstBackoff: Int64 = 50_000_000
        var longestBackoff: Int64 = 1_000_000_000
        /// The shortest time between two looks through the idle connections.
        var sweepInterval: Int64 = 250_000_000
    }

    enum Phase: Equatable {
        case closed
        case connecting
        case idle
        case busy
    }

    private struct Connection {
        var phase = Phase.closed
        /// The moment from which on it is too old to be used again.
        var retirement: Int64 = .max
        /// The moment from which on it has been idle for too long.
        var idleUntil: Int64 = .max
    }

    private struct Waiter {
        var generation: UInt32 = 0
        var deadline: Int64 = .max
    }

    let limits: Limits
    private var connections: [Connection] = []
    private var freeConnections: [ConnectionID] = []
    /// The least recently used first.
    private var idle = LinkedSlots()
    private var waiters: [Waiter] = []
    private var freeWaiters: [Int] = []
    /// In the order in which they came.
    private var queue = LinkedSlots()
    /// No call that waits has an earlier deadline. All are looked through when it is reached: calls wait in the order of
    /// their deadlines, more or less.
    private var nextExpiry = Int64.max
    private var nextSweep = Int64.max
    private var failures = 0
    private var backoffUntil = Int64.min
    private(set) var connecting = 0
    private(set) var busy = 0
    private(set) var isShutDown = false

    init(limits: Limits) {
        self.limits = limits
    }

    var idleCount: Int { idle.count }
    var waitingCount: Int { queue.count }
    var openCount: Int { connecting + busy + idle.count }

    func phase(of connection: ConnectionID) -> Phase {
        connection < connections.count ? connections[connection].phase : .closed
    }
}

// MARK: - Calls

extension PoolState {
    enum StartAction: Equatable {
        /// The connection carries the call from now on.
        case use(ConnectionID)
        /// The connection is not to be used any more: close it and ask again.
        case close(ConnectionID)
        /// The call waits until `released` or `opened` names it, or until it expires.
        case wait(WaiterID)
        case refuse
    }

    /// A call wants to start. The connection that was used last goes first, so that what is not needed can expire.
    mutating func start(deadline: Int64, now: Int64) -> StartAction {
        guard !isShutDown else { return .refuse }
        guard let connection = idle.last else { return .wait(enqueue(deadline: deadline)) }
        idle.remove(connection)
        connections[connection].phase = .busy
        busy += 1
        let state = connections[connection]
        return now < state.idleUntil && now < state.retirement ? .use(connection) : .close(connection)
    }

    /// A call does not want to wait any longer.
    ///
    /// - Returns: False where it does not wait any more.
    mutating func cancel(_ waiter: WaiterID) -> Bool {
        guard isWaiting(waiter) else { return false }
        dequeue(waiter.slot)
        return true
    }

    /// Takes all calls out that wait, in their order.
    mutating func takeWaiters() -> [WaiterID] {
        var taken: [WaiterID] = []
        taken.reserveCapacity(queue.count)
        while let slot = queue.first {
            taken.append(WaiterID(slot: slot, generation: waiters[slot].generation))
            dequeue(slot)
        }
        return taken
    }

    private mutating func enqueue(deadline: Int64) -> WaiterID {
        let slot: Int
        if let free = freeWaiters.popLast() {
            slot = free
        } else {
            slot = waiters.count
            waiters.append(Waiter())
        }
        waiters[slot].deadline = deadline
        queue.append(slot)
        nextExpiry = min(nextExpiry, deadline)
        return WaiterID(slot: slot, generation: waiters[slot].generation)
    }

    private mutating func dequeue(_ slot: Int) {
        queue.remove(slot)
        if queue.isEmpty { nextExpiry = .max }
        waiters[slot].generation &+= 1
        freeWaiters.append(slot)
    }

    private func isWaiting(_ waiter: WaiterID) -> Bool {
        waiters[waiter.slot].generation == waiter.generation && queue.contains(waiter.slot)
    }
}

// MARK: - Connections

extension PoolState {
    enum ReleaseAction: Equatable {
        /// The connection carries this call from now on.
        case grant(WaiterID)
        /// The connection waits for the next call.
        case idle
        case close
    }

    /// The next connection to open; nil where none is needed or allowed now.
    mutating func open(now: Int64) -> ConnectionID? {
        let limit = min(limits.maxConnecting, failures > 0 ? limits.maxConnectingAfterFailure : .max)
        guard !isShutDown, queue.count > connecting, connecting < limit, openCount < limits.maxConnections,
            now >= backoffUntil
        else { return nil }
        let connection: ConnectionID
        if let free = freeConnections.popLast() {
            connection = free
        } else {
            connection = connections.count
            connections.append(Connection())
        }
        connections[connection] = Connection(phase: .connecting)
        connecting += 1
        return connection
    }

    /// A connection is open.
    ///
    /// - Parameter retirement: When it is too old to be used again.
    mutating func opened(_ connection: ConnectionID, retirement: Int64, now: Int64) -> ReleaseAction {
        precondition(connections[connection].phase == .connecting)
        failures = 0
        backoffUntil = .min
        connections[connection].phase = .busy
        connections[connection].retirement = retirement
        connections[connection].idleUntil = now + limits.idleTimeout
        connecting -= 1
        busy += 1
        // However old it may become, it carries one call.
        return isShutDown ? .close : provide(connection, now: now)
    }

    /// A connection could not be opened. Nothing more is to be closed of it.
    ///
    /// - Parameter jitter: From 0 to 1.
    /// - Returns: Whether the calls that wait have no other hope and end for the same reason.
    mutating func openFailed(_ connection: ConnectionID, jitter: Double, now: Int64) -> Bool {
        precondition(connections[connection].phase == .connecting)
        connecting -= 1
        free(connection)
        // Of those that were begun together, the first one counts.
        if now >= backoffUntil {
            failures += 1
            let longest = min(limits.firstBackoff << min(failures - 1, 20), limits.longestBackoff)
            backoffUntil = now + longest / 2 + Int64(Double(longest / 2) * jitter)
        }
        return openCount == 0
    }

    /// A call that a connection carried is over, and the connection can carry another one.
    ///
    /// - Parameter keepAliveHint: The seconds after which the server says that it closes an idle connection.
    mutating func released(_ connection: ConnectionID, keepAliveHint: Int?, now: Int64) -> ReleaseAction {
        // A request that crosses the server's farewell would have an unknown outcome, so ours comes a second earlier.
        if let keepAliveHint, keepAliveHint <= 1 { return .close }
        let hint = keepAliveHint.map { Int64(min($0 - 1, 86_400)) * 1_000_000_000 } ?? .max
        connections[connection].idleUntil = now + min(limits.idleTimeout, hint)
        return returned(connection, now: now)
    }

    /// A call did not begin on a connection that was meant for it: nothing was written, and the connection's time is
    /// what it was.
    mutating func returned(_ connection: ConnectionID, now: Int64) -> ReleaseAction {
        let state = connections[connection]
        precondition(state.phase == .busy)
        if isShutDown || now >= state.retirement || now >= state.idleUntil { return .close }
        return provide(connection, now: now)
    }

    private mutating func provide(_ connection: ConnectionID, now: Int64) -> ReleaseAction {
        if let slot = queue.first {
            let waiter = WaiterID(slot: slot, generation: waiters[slot].generation)
            dequeue(slot)
            return .grant(waiter)
        }
        connections[connection].phase = .idle
        busy -= 1
        idle.append(connection)
        nextSweep = min(nextSweep, max(connections[connection].idleUntil, now + limits.sweepInterval))
        return .idle
    }

    /// A granted connection turned out to be unusable before anything was written: the call waits again, as the first.
    mutating func putBack(deadline: Int64) -> WaiterID {
        let waiter = enqueue(deadline: deadline)
        queue.remove(waiter.slot)
        queue.prepend(waiter.slot)
        return waiter
    }

    /// An open connection is closed, whatever it did.
    mutating func closed(_ connection: ConnectionID) {
        switch connections[connection].phase {
        case .idle: idle.remove(connection)
        case .busy: busy -= 1
        case .connecting: connecting -= 1
        case .closed: preconditionFailure("connection \(connection) is closed already")
        }
        free(connection)
    }

    private mutating func free(_ connection: ConnectionID) {
        connections[connection] = Connection()
        freeConnections.append(connection)
    }
}

// MARK: - Time and the end

extension PoolState {
    enum Expired: Equatable {
        /// The call did not get a connection in time.
        case call(WaiterID, Cause)
        /// Close it: it was idle for too long, or is too old.
        case connection(ConnectionID)
    }

    /// The reason why a call did not get a connection.
    enum Cause: Equatable {
        /// As many connections as allowed were in use.
        case allBusy
        /// A connection was still being opened.
        case connecting
        /// No connection could be opened.
        case failed
    }

    /// The moment at which `expire` or `open` is to be called next; nil where nothing waits for time.
    var nextDeadline: Int64? {
        var next = idle.isEmpty ? .max : nextSweep
        if !queue.isEmpty {
            next = min(next, nextExpiry)
            if !isShutDown, queue.count > connecting, openCount < limits.maxConnections, backoffUntil != .min {
                next = min(next, backoffUntil)
            }
        }
        return next == .max ? nil : next
    }

    /// One thing whose time has come; nil where there is no more of it.
    mutating func expire(now: Int64) -> Expired? {
        expireCall(now: now) ?? expireConnection(now: now)
    }

    private mutating func expireCall(now: Int64) -> Expired? {
        guard now >= nextExpiry else { return nil }
        var earliest = Int64.max
        var candidate = queue.first
        while let slot = candidate {
            let waiter = waiters[slot]
            if waiter.deadline <= now {
                let cause: Cause =
                    connecting > 0 ? .connecting : busy >= limits.maxConnections || failures == 0 ? .allBusy : .failed
                dequeue(slot)
                return .call(WaiterID(slot: slot, generation: waiter.generation), cause)
            }
            earliest = min(earliest, waiter.deadline)
            candidate = queue.slot(after: slot)
        }
        nextExpiry = earliest
        return nil
    }

    private mutating func expireConnection(now: Int64) -> Expired? {
        guard now >= nextSweep else { return nil }
        var earliest = Int64.max
        var candidate = idle.first
        while let connection = candidate {
            let end = min(connections[connection].idleUntil, connections[connection].retirement)
            if end <= now { return .connection(connection) }
            earliest = min(earliest, end)
            candidate = idle.slot(after: connection)
        }
        nextSweep = earliest == .max ? .max : max(earliest, now + limits.sweepInterval)
        return nil
    }

    /// Nothing is opened or granted any more; busy connections are closed as they are released.
    mutating func shutDown() {
        isShutDown = true
    }

    /// Every idle connection and every one that is being opened: to be closed at a shutdown, or for new TLS settings.
    var unusedConnections: [ConnectionID] {
        connections.indices.filter { connections[$0].phase == .idle || connections[$0].phase == .connecting }
    }

    /// Open connections are not used again after the call that they carry now.
    mutating func retireAll() {
        for connection in connections.indices { connections[connection].retirement = .min }
    }
}
