import HTTP
import OpenSSL
import Reactor

/// The connections to the hosts that accounts are called at, a pool for each.
///
/// Everything of it happens on its reactor's thread. It lives until `shutdown` has completed.
final class GraphConnections {
    /// So many hosts' pools are kept though they have nothing to do.
    private static let kept = 16

    private let reactor: Reactor
    private var settings: HTTPClientSettings
    private var pools: [HTTPOrigin: HTTPConnectionPool] = [:]
    private var isShutDown = false

    init(reactor: Reactor, settings: HTTPClientSettings) {
        self.reactor = reactor
        self.settings = settings
    }

    func start(_ call: any HTTPCall, at origin: HTTPOrigin, _ options: HTTPCallOptions) {
        pool(at: origin).start(call, options)
    }

    func replaceTLS(_ context: TLSContext) {
        settings.tls = context
        for pool in pools.values { pool.replaceTLS(context) }
    }

    /// Ends all calls and closes the connections; later calls end as not sent.
    func shutdown(completion: @escaping () -> Void) {
        isShutDown = true
        guard !pools.isEmpty else { return completion() }
        let all = Array(pools.values)
        var left = all.count
        for pool in all {
            pool.shutdown(within: .zero) {
                left -= 1
                if left == 0 { completion() }
            }
        }
    }

    private func pool(at origin: HTTPOrigin) -> HTTPConnectionPool {
        if let pool = pools[origin] { return pool }
        // A token file that names another host, again and again, leaves no pools behind.
        if !isShutDown, pools.count >= Self.kept { pools = pools.filter { !$0.value.hasNothingToDo } }
        let pool = HTTPConnectionPool(reactor: reactor, origin: origin, settings: settings)
        if isShutDown { pool.shutdown(within: .zero) {} }
        pools[origin] = pool
        return pool
    }
}
