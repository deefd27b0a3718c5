import HTTPCodec
package import OpenSSL
package import Reactor

/// The connections to one origin, and the calls that wait for one.
///
/// Everything of it happens on its reactor's thread, the calls' `writeRequest` and `ended` included. It never repeats a
/// call: of each it knows whether a byte was written, and tells.
///
/// It lives until `shutdown` has completed.
package final class HTTPConnectionPool {
    /// A call that waits for a connection.
    struct Waiting {
        var call: any HTTPCall
        var options: HTTPCallOptions
    }

    let reactor: Reactor
    let origin: HTTPOrigin
    let settings: HTTPClientSettings
    let responseTimeout: Int64
    let maxResponseBytes: Int
    /// For all connections: between two events nothing is in it.
    let readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 64)
    /// For all requests: what a socket does not take at once is copied.
    var writeBuffer: [UInt8] = []
    var state: PoolState
    var connections: [ClientConnection?] = []
    var attempts: [ConnectAttempt?] = []
    var waiting: [Waiting?] = []
    var random = SystemRandomNumberGenerator()
    /// The reason why the last connection could not be opened.
    var lastFailure: HTTPCallFailure?
    /// Calls that are being told of their end; what they free decides what is opened.
    var endings = 0
    var names: NameSource
    var tls: TLSContext?
    private(set) var opened = 0
    private var unknownOnReusedConnection = 0
    private var timer = TimerID.none
    private var timerDeadline = Int64.max
    private var shutdownTimer = TimerID.none
    private var shutdownCompletions: [() -> Void] = []

    package init(reactor: Reactor, origin: HTTPOrigin, settings: HTTPClientSettings) {
        self.reactor = reactor
        self.origin = origin
        self.settings = settings
        responseTimeout = settings.responseTimeout.nanoseconds
        maxResponseBytes = settings.maxResponseBytes
        tls = settings.tls
        names = NameSource(settings: settings, origin: origin)
        state = PoolState(
            limits: PoolState.Limits(
                maxConnections: max(settings.maxConnections, 1),
                maxConnecting: max(settings.maxConnecting, 1),
                idleTimeout: settings.idleTimeout.nanoseconds
            )
        )
    }

    deinit { readBuffer.deallocate() }

    /// Starts a call: now, where a connection is idle, or when one is free or open.
    package func start(_ call: any HTTPCall, latestStart: Int64, isHead: Bool = false) {
        var options = HTTPCallOptions(latestStart: latestStart)
        options.isHead = isHead
        start(call, options)
    }

    package func start(_ call: any HTTPCall, _ options: HTTPCallOptions) {
        while true {
            switch state.start(deadline: min(options.latestStart, options.deadline), now: reactor.now) {
            case .use(let id):
                if begin(call, options, on: id) { return }
            case .close(let id): closeOpen(id)
            case .wait(let waiter):
                keepWaiting(Waiting(call: call, options: options), as: waiter)
                return openConnections()
            case .refuse: return end(call, HTTPCallFailure(.shutDown))
            }
        }
    }

    /// Ends a call: as not sent where nothing was written. Does nothing for one that has ended.
    package func cancel(_ call: any HTTPCall) {
        if let slot = waiting.firstIndex(where: { $0?.call === call }), let waiter = waiters[slot] {
            guard state.cancel(waiter) else { return }
            waiting[slot] = nil
            return end(call, HTTPCallFailure(.cancelled))
        }
        for connection in connections where connection?.call === call { connection?.fail(.cancelled) }
    }

    /// New connections use these settings of TLS, and those that are open carry no call after the present one.
    package func replaceTLS(_ context: TLSContext) {
        tls = context
        state.retireAll()
        closeUnused()
        openConnections()
    }

    /// The names of the waiting calls' places.
    private var waiters: [PoolState.WaiterID?] = []

    func keepWaiting(_ call: Waiting, as waiter: PoolState.WaiterID) {
        while waiting.count <= waiter.slot {
            waiting.append(nil)
            waiters.append(nil)
        }
        waiting[waiter.slot] = call
        waiters[waiter.slot] = waiter
    }

    func countUnknown(_ failure: HTTPCallFailure) {
        if failure.wasWritten, failure.onReusedConnection { unknownOnReusedConnection += 1 }
    }

    func countOpened() { opened += 1 }
}

// MARK: - Numbers

/// The counts of what a pool does at a moment, and of what it has done.
package struct HTTPPoolCounts: Sendable, Hashable {
    package var connecting = 0
    package var idle = 0
    package var busy = 0
    package var waiting = 0
    /// Connections opened so far.
    package var opened = 0
    /// Calls whose outcome stayed unknown on a connection that had carried others before.
    package var unknownOnReusedConnection = 0
}

extension HTTPConnectionPool {
    /// Whether nobody would miss it.
    package var hasNothingToDo: Bool { state.openCount == 0 && state.waitingCount == 0 && endings == 0 }

    package var counts: HTTPPoolCounts {
        HTTPPoolCounts(
            connecting: state.connecting,
            idle: state.idleCount,
            busy: state.busy,
            waiting: state.waitingCount,
            opened: opened,
            unknownOnReusedConnection: unknownOnReusedConnection
        )
    }
}

// MARK: - Time

extension HTTPConnectionPool: TimerTarget {
    private static let shutdownLimit = 1

    package func timerFired(_ tag: Int) {
        if tag == Self.shutdownLimit { return abandonBusy() }
        timer = .none
        timerDeadline = .max
        while let expired = state.expire(now: reactor.now) {
            switch expired {
            case .connection(let id): closeOpen(id)
            case .call(let waiter, let cause):
                guard let call = waiting[waiter.slot].take()?.call else { continue }
                end(call, failure(for: cause))
            }
        }
        openConnections()
    }

    private func failure(for cause: PoolState.Cause) -> HTTPCallFailure {
        switch cause {
        case .allBusy: return HTTPCallFailure(.poolTimeout)
        case .connecting:
            let stage = attempts.lazy.compactMap { $0?.stage }.first ?? .connection
            return HTTPCallFailure(
                .connectTimeout(stage),
                party: attempts.lazy.compactMap { $0?.party }.first ?? .server
            )
        case .failed: return lastFailure ?? HTTPCallFailure(.connectTimeout(.connection))
        }
    }

    /// Sees to it that the timer fires when something is due.
    func setTimer() {
        guard let next = state.nextDeadline, next < timerDeadline else { return }
        reactor.cancel(timer)
        timerDeadline = next
        timer = reactor.setTimer(at: next, target: self)
    }
}

// MARK: - The end

extension HTTPConnectionPool {
    /// Ends every call once: those of which nothing is written at once and as not sent, the others when their answer came
    /// or the limit is over. Then all connections are closed.
    ///
    /// - Parameter completion: Called on the reactor's thread, within this call where nothing is under way.
    package func shutdown(within limit: Duration, completion: @escaping () -> Void) {
        shutdownCompletions.append(completion)
        if !state.isShutDown {
            state.shutDown()
            endings += 1
            for waiter in state.takeWaiters() {
                if let call = waiting[waiter.slot].take()?.call { end(call, HTTPCallFailure(.shutDown)) }
            }
            endings -= 1
            closeUnused()
        }
        if state.openCount > 0 {
            let (deadline, overflows) = reactor.now.addingReportingOverflow(limit.nanoseconds)
            reactor.cancel(shutdownTimer)
            shutdownTimer = reactor.setTimer(at: overflows ? .max : deadline, target: self, tag: Self.shutdownLimit)
        }
        completeShutdown()
    }

    private func abandonBusy() {
        for connection in connections where connection?.call != nil { connection?.fail(.shutDown) }
    }

    /// Closes idle connections and gives up those that are being opened.
    private func closeUnused() {
        for id in state.unusedConnections {
            if attempts.indices.contains(id), let attempt = attempts[id].take() {
                attempt.abandon()
                state.closed(id)
            } else {
                closeOpen(id)
            }
        }
    }

    func completeShutdown() {
        guard state.isShutDown, state.openCount == 0, endings == 0 else { return }
        reactor.cancel(timer)
        reactor.cancel(shutdownTimer)
        timer = .none
        let completions = shutdownCompletions
        shutdownCompletions = []
        for completion in completions { completion() }
    }
}
