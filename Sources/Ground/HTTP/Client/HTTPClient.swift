import HTTPCodec
package import OpenSSL
package import Reactor
import Synchronization

/// Calls from tasks: one request, one response, cancellable. For what is rare; the hot path uses a pool directly.
///
/// It keeps connections to each origin for as long as they may be idle, follows no redirect and repeats nothing.
package final class HTTPClient: Sendable {
    private let reactor: Reactor
    private let pools: ConnectionPools

    /// - Parameter reactor: Carries the connections; must outlive the client.
    package init(reactor: Reactor, settings: HTTPClientSettings = HTTPClientSettings()) {
        self.reactor = reactor
        pools = ConnectionPools(reactor: reactor, settings: settings)
    }

    /// Makes a request and waits for the whole response.
    ///
    /// - Parameters:
    ///   - timeout: For everything: opening a connection, which has its own limit too, and the whole response.
    ///   - headOnly: The response's body is not read and comes empty.
    ///   - address: The one to connect to, in place of those of the URL's host. The peer's address is compared with it
    ///     before a byte is written.
    package func response(
        to request: HTTPRequest,
        timeout: Duration,
        maxBodyBytes: Int = 65_536,
        headOnly: Bool = false,
        connectingTo address: SocketAddress? = nil
    ) async throws(HTTPCallFailure) -> HTTPResponse {
        guard let url = HTTPURL(request.url) else {
            throw HTTPCallFailure(.invalidRequest("its URL is not an http or https URL of a host"))
        }
        let call = AsynchronousCall(try Self.bytes(of: request, url))
        if url.origin.scheme == .https {
            do throws(TLSError) {
                try pools.prepareTLS()
            } catch {
                throw HTTPCallFailure(.tls(error))
            }
        }
        let now = Reactor.monotonicNow()
        let (deadline, overflows) = now.addingReportingOverflow(timeout.nanoseconds)
        var options = HTTPCallOptions(latestStart: overflows ? .max : deadline)
        options.deadline = options.latestStart
        options.responseTimeout = .nanoseconds(Int64.max)
        options.maxResponseBytes = maxBodyBytes
        options.isHead = request.method == .head
        options.endsWithHead = headOnly
        let place = ConnectionPools.Place(origin: url.origin, address: address)
        return try await make(call, options, at: place).get()
    }

    private func make(
        _ call: AsynchronousCall,
        _ options: HTTPCallOptions,
        at place: ConnectionPools.Place
    ) async -> Result<HTTPResponse, HTTPCallFailure> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                call.expect(continuation)
                let isQueued = reactor.execute { [pools] in pools.start(call, options, at: place) }
                if !isQueued { call.end(.failure(HTTPCallFailure(.shutDown))) }
            }
        } onCancel: {
            call.cancel()
            _ = reactor.execute { [pools] in pools.cancel(call, at: place) }
        }
    }

    /// New connections use these settings of TLS, and those that are open carry no call after the present one.
    package func replaceTLS(_ context: TLSContext) { pools.replaceTLS(context, on: reactor) }

    /// Ends all calls, those that were written as unknown, and closes the connections. Later calls end as not sent.
    package func shutdown() async {
        await withCheckedContinuation { continuation in
            let isQueued = reactor.execute { [pools] in pools.shutdown { continuation.resume() } }
            if !isQueued { continuation.resume() }
        }
    }

    private static func bytes(of request: HTTPRequest, _ url: HTTPURL) throws(HTTPCallFailure) -> [UInt8] {
        var headers = request.headers
        headers.set("Host", url.origin.hostHeader)
        var bytes: [UInt8] = []
        do throws(HTTPWriteError) {
            try HTTPWriter.appendRequestHead(
                method: request.method,
                target: url.target,
                headers: headers,
                framing: request.body.map { .length($0.count) } ?? .none,
                to: &bytes
            )
        } catch {
            throw HTTPCallFailure(.invalidRequest("\(error)"))
        }
        if let body = request.body { bytes += body }
        return bytes
    }
}

/// The pools of a client, one for each place that it connects to.
///
/// `@unchecked Sendable`: used on the reactor's thread only, but for the settings of TLS, which have a lock.
private final class ConnectionPools: @unchecked Sendable {
    struct Place: Hashable, Sendable {
        var origin: HTTPOrigin
        var address: SocketAddress?
    }

    /// So many pools are kept though they have nothing to do.
    private static let kept = 16

    private let reactor: Reactor
    private let settings: HTTPClientSettings
    private let tls: Mutex<TLSContext?>
    private var pools: [Place: HTTPConnectionPool] = [:]
    private var isShutDown = false

    init(reactor: Reactor, settings: HTTPClientSettings) {
        self.reactor = reactor
        self.settings = settings
        tls = Mutex(settings.tls)
    }

    /// Reads the system's certificates where nobody has yet: in the caller's task, since it takes some milliseconds.
    func prepareTLS() throws(TLSError) {
        try tls.withLock { (tls) throws(TLSError) in
            if tls == nil { tls = try TLSContext.client() }
        }
    }

    func replaceTLS(_ context: TLSContext, on reactor: Reactor) {
        tls.withLock { $0 = context }
        reactor.execute { for pool in self.pools.values { pool.replaceTLS(context) } }
    }

    func start(_ call: AsynchronousCall, _ options: HTTPCallOptions, at place: Place) {
        // Cancelled before it came here.
        if call.isCancelled { return call.end(.failure(HTTPCallFailure(.cancelled))) }
        if isShutDown { return call.end(.failure(HTTPCallFailure(.shutDown))) }
        pool(at: place).start(call, options)
    }

    func cancel(_ call: AsynchronousCall, at place: Place) {
        pools[place]?.cancel(call)
    }

    func shutdown(completion: @escaping () -> Void) {
        isShutDown = true
        guard !pools.isEmpty else { return completion() }
        let all = Array(pools.values)
        var left = all.count
        for pool in all {
            pool.shutdown(within: .zero) { [self] in
                left -= 1
                guard left == 0 else { return }
                pools = [:]
                completion()
            }
        }
    }

    private func pool(at place: Place) -> HTTPConnectionPool {
        if let pool = pools[place] { return pool }
        if pools.count >= Self.kept { pools = pools.filter { !$0.value.hasNothingToDo } }
        var own = settings
        own.pinnedAddress = place.address
        own.tls = tls.withLock { $0 }
        let pool = HTTPConnectionPool(reactor: reactor, origin: place.origin, settings: own)
        pools[place] = pool
        return pool
    }
}

/// A call that a task waits for.
private final class AsynchronousCall: HTTPCall, Sendable {
    private struct State {
        var isCancelled = false
        var continuation: CheckedContinuation<Result<HTTPResponse, HTTPCallFailure>, Never>?
    }

    private let bytes: [UInt8]
    private let state = Mutex(State())

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isCancelled: Bool { state.withLock(\.isCancelled) }

    func cancel() { state.withLock { $0.isCancelled = true } }

    func expect(_ continuation: CheckedContinuation<Result<HTTPResponse, HTTPCallFailure>, Never>) {
        state.withLock { $0.continuation = continuation }
    }

    func end(_ result: Result<HTTPResponse, HTTPCallFailure>) {
        state.withLock { $0.continuation.take() }?.resume(returning: result)
    }

    func writeRequest(into buffer: inout [UInt8]) -> Bool {
        if isCancelled { return false }
        buffer += bytes
        return true
    }

    func ended(_ ending: HTTPCallEnding) -> HTTPConnectionUse {
        switch ending {
        case .answered(let response, _): end(.success(response))
        case .failed(var failure):
            if failure.kind == .tooLate { failure.kind = .cancelled }
            end(.failure(failure))
        }
        return .keep
    }
}
