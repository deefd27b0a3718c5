import Containers
import Synchronization

/// The system's resolver, asked on threads of its own, since it may block for many seconds.
///
/// One look-up a host at once: whoever asks meanwhile gets the same answer. Nothing is kept.
package final class SystemResolver: HostResolver {
    package typealias LookUp = @Sendable (String) -> Result<[SocketAddress], ResolveError>

    /// A caller that waits, with what it gave.
    ///
    /// `@unchecked Sendable`: the completion is made and called on the reactor's thread; others only carry it.
    private struct Waiter: @unchecked Sendable {
        let port: Int
        let reactor: Reactor
        let completion: Completion
    }

    private struct State {
        var waiters: [String: [Waiter]] = [:]
        var queue = Deque<String>()
        var threads = 0
    }

    private let lookUp: LookUp
    private let maxThreads: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - maxThreads: How many hosts are looked up at once.
    ///   - lookUp: Blocks until it knows the addresses; their ports are overwritten.
    package init(maxThreads: Int = 4, lookUp: @escaping LookUp = SystemResolver.addresses) {
        self.maxThreads = maxThreads
        self.lookUp = lookUp
    }

    package func resolve(_ host: String, port: Int, on reactor: Reactor, completion: @escaping Completion) {
        reactor.assertIsCurrent()
        if let address = SocketAddress(ipAddress: host, port: port) {
            reactor.runSoon { completion(.success([address])) }
            return
        }
        let waiter = Waiter(port: port, reactor: reactor, completion: completion)
        let needsThread = state.withLock { state in
            state.waiters[host, default: []].append(waiter)
            guard state.waiters[host]?.count == 1 else { return false }
            state.queue.append(host)
            guard state.threads < maxThreads else { return false }
            state.threads += 1
            return true
        }
        guard needsThread else { return }
        do throws(ReactorError) {
            try OwnThread.start(name: "resolver") { self.work() }
        } catch {
            withoutThread(error)
        }
    }

    /// Looks up host after host until none is left, and ends the thread.
    private func work() {
        while let host = nextHost() { answer(host, lookUp(host)) }
    }

    private func nextHost() -> String? {
        state.withLock { state in
            let host = state.queue.popFirst()
            if host == nil { state.threads -= 1 }
            return host
        }
    }

    private func answer(_ host: String, _ result: Result<[SocketAddress], ResolveError>) {
        let waiters = state.withLock { $0.waiters.removeValue(forKey: host) } ?? []
        for waiter in waiters {
            let result = result.map { addresses in addresses.map { $0.withPort(waiter.port) } }
            waiter.reactor.execute { waiter.completion(result) }
        }
    }

    /// Another thread takes what is queued; without any, nobody would.
    private func withoutThread(_ error: ReactorError) {
        let hosts = state.withLock { state in
            state.threads -= 1
            guard state.threads == 0 else { return Deque<String>() }
            defer { state.queue = Deque() }
            return state.queue
        }
        let failure = ResolveError(kind: .temporary, words: "\(error)")
        for host in hosts { answer(host, .failure(failure)) }
    }
}

extension SocketAddress {
    fileprivate func withPort(_ port: Int) -> SocketAddress {
        var address = self
        address.port = port
        return address
    }
}
