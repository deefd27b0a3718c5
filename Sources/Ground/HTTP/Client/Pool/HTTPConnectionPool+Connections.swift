import HTTPCodec
import Reactor

// MARK: - Calls and connections meet

extension HTTPConnectionPool {
    /// Hands a call to an idle connection.
    ///
    /// - Returns: False where the connection turned out to be dead: the call is still to be started.
    func begin(_ call: any HTTPCall, _ options: HTTPCallOptions, on id: PoolState.ConnectionID) -> Bool {
        guard let connection = connections[id] else { preconditionFailure("connection \(id) is not open") }
        switch connection.begin(call, options) {
        case .begun: return true
        case .stale:
            closeOpen(id)
            return false
        case .declined:
            end(call, HTTPCallFailure(.tooLate), whileBusy: true)
            carry(state.returned(id, now: reactor.now), connection)
        case .failed(let kind):
            closeOpen(id)
            end(call, HTTPCallFailure(kind, onReusedConnection: connection.isReused))
        }
        openConnections()
        completeShutdown()
        return true
    }

    /// Does with a free connection as decided, until it is idle, closed or carries a call.
    func carry(_ decision: PoolState.ReleaseAction, _ connection: ClientConnection) {
        var decision = decision
        while true {
            switch decision {
            case .idle: return setTimer()
            case .close: return closeOpen(connection.id)
            case .grant(let waiter):
                guard let next = waiting[waiter.slot].take() else { preconditionFailure("nobody waits at \(waiter)") }
                switch connection.begin(next.call, next.options) {
                case .begun: return
                case .stale(let kind) where connection.exchanges == 0:
                    // It was opened for calls that wait: another one might fare no better.
                    closeOpen(connection.id)
                    return end(next.call, HTTPCallFailure(kind))
                case .stale:
                    let deadline = min(next.options.latestStart, next.options.deadline)
                    keepWaiting(next, as: state.putBack(deadline: deadline))
                    return closeOpen(connection.id)
                case .failed(let kind):
                    closeOpen(connection.id)
                    return end(next.call, HTTPCallFailure(kind, onReusedConnection: connection.isReused))
                case .declined:
                    end(next.call, HTTPCallFailure(.tooLate), whileBusy: true)
                    decision = state.returned(connection.id, now: reactor.now)
                }
            }
        }
    }

    /// A connection's call was answered.
    func answered(
        _ connection: ClientConnection,
        _ call: any HTTPCall,
        _ response: HTTPResponse,
        canBeReused: Bool
    ) {
        endings += 1
        let use = call.ended(.answered(response, isFirstExchange: !connection.isReused))
        endings -= 1
        if canBeReused, use == .keep {
            carry(state.released(connection.id, keepAliveHint: connection.keepAliveHint, now: reactor.now), connection)
        } else {
            closeOpen(connection.id)
        }
        openConnections()
        completeShutdown()
    }

    /// A connection's call ended without an answer, and the connection with it.
    func failed(_ connection: ClientConnection, _ call: any HTTPCall, _ failure: HTTPCallFailure) {
        countUnknown(failure)
        closeOpen(connection.id)
        end(call, failure)
        openConnections()
        completeShutdown()
    }

    /// An idle connection was closed by the server, or spoke unasked.
    func lost(_ connection: ClientConnection) {
        closeOpen(connection.id)
        openConnections()
        completeShutdown()
    }

    func closeOpen(_ id: PoolState.ConnectionID) {
        connections[id].take()?.close()
        state.closed(id)
    }

    /// - Parameter whileBusy: Whether a connection is about to be free: what the call starts may get it.
    func end(_ call: any HTTPCall, _ failure: HTTPCallFailure, whileBusy: Bool = false) {
        if whileBusy { endings += 1 }
        _ = call.ended(.failed(failure))
        if whileBusy { endings -= 1 }
    }
}

// MARK: - Opening

extension HTTPConnectionPool {
    /// Opens the connections that the waiting calls need and the limits allow.
    func openConnections() {
        guard endings == 0 else { return }
        while let id = state.open(now: reactor.now) {
            let attempt = ConnectAttempt(pool: self, id: id)
            while attempts.count <= id { attempts.append(nil) }
            attempts[id] = attempt
            attempt.begin()
        }
        setTimer()
    }

    /// An attempt has led to an open connection.
    func opened(_ id: PoolState.ConnectionID, _ stream: ClientStream) {
        attempts[id] = nil
        let connection: ClientConnection
        do throws(ReactorError) {
            connection = try ClientConnection(pool: self, id: id, stream: stream)
        } catch {
            stream.close()
            return openFailed(id, HTTPCallFailure(HTTPCallFailure.kind(errno: error.code)))
        }
        countOpened()
        lastFailure = nil
        while connections.count <= id { connections.append(nil) }
        connections[id] = connection
        let age = settings.maxConnectionAge.nanoseconds
        let jittered = age - Int64.random(in: 0...max(age / 5, 0), using: &random)
        let (retirement, overflows) = reactor.now.addingReportingOverflow(jittered)
        carry(state.opened(id, retirement: overflows ? .max : retirement, now: reactor.now), connection)
        openConnections()
        completeShutdown()
    }

    /// An attempt has failed at all addresses.
    func openFailed(_ id: PoolState.ConnectionID, _ failure: HTTPCallFailure) {
        attempts[id] = nil
        lastFailure = failure
        names.connectFailed()
        let jitter = Double.random(in: 0...1, using: &random)
        if state.openFailed(id, jitter: jitter, now: reactor.now) {
            // Taken out first: what a call starts as it ends waits for the next attempt.
            let calls = state.takeWaiters().compactMap { waiting[$0.slot].take()?.call }
            endings += 1
            for call in calls { end(call, failure) }
            endings -= 1
        }
        openConnections()
        completeShutdown()
    }
}
