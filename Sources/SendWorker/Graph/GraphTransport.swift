import HTTP
package import InstagramMessaging
package import OpenSSL
package import Reactor
import SendEngine

/// Carries calls to Graph.
package protocol GraphTransport: Sendable {
    /// Starts a call and returns at once.
    ///
    /// - Parameter completion: Called exactly once, on any thread, possibly before this function returns.
    func send(_ call: GraphCall, completion: @escaping @Sendable (CallOutcome) -> Void)
}

/// One call of the messages endpoint.
package struct GraphCall: Sendable {
    /// The account that sends: digits only. It becomes a part of the URL.
    package var accountID: String
    /// The JSON body, as Graph gets it.
    package var body: [UInt8]
    /// False where Graph's success answer has no message id (sender actions).
    package var expectsMessageID: Bool
    /// The person it is for, whom a success has to name; nil where only Graph knows (private replies).
    package var recipientID: String?
    /// Further request headers (`traceparent`, say). One that HTTP does not allow is left out.
    package var headers: [(String, String)]
    /// Asked once, on any thread, right before the first byte of the body is written, which may be long after the call
    /// was asked for where the process was stopped meanwhile. A call that may not start any more ends as not sent.
    package var mayStart: @Sendable () -> Bool

    package init(
        accountID: String,
        body: [UInt8],
        expectsMessageID: Bool,
        recipientID: String? = nil,
        headers: [(String, String)] = [],
        mayStart: @escaping @Sendable () -> Bool = { true }
    ) {
        self.accountID = accountID
        self.body = body
        self.expectsMessageID = expectsMessageID
        self.recipientID = recipientID
        self.headers = headers
        self.mayStart = mayStart
    }
}

/// Calls Graph over HTTP, and knows of every call whether it may have reached Graph.
///
/// HTTP/1.1 only, one call per connection at a time: a connection that breaks puts one call in doubt, where an HTTP/2
/// connection would put all calls in doubt that share it. Nothing is retried here and no redirect is followed; what
/// to do next is the engine's decision.
///
/// Each call goes to its account's host, with its account's path and proof: see ``AccountSettings``. All calls and
/// connections live on one reactor. A call that is asked for there and finds a free connection is written in
/// the same turn.
package final class HTTPGraphTransport: GraphTransport {
    private let connections: ReactorBound<GraphConnections>
    private let routes: GraphRoutes
    private let tokens: any TokenSource
    private let connectTimeout: Int64
    private let context: GraphExchange.Context

    /// - Parameters:
    ///   - tokens: Asked anew for each call.
    ///   - reactor: Where the connections live and completions are called; it must outlive the transport.
    ///   - now: The wall clock, to read a `Retry-After` that is a date.
    ///   - onOddity: Called on the reactor's thread for each answer that is odd.
    /// - Throws: ``InvalidGraphSettings`` for a base URL or version that cannot be called.
    package init(
        settings: GraphSettings,
        tokens: any TokenSource,
        reactor: Reactor,
        now: @escaping @Sendable () -> Timestamp,
        onOddity: @escaping @Sendable (AnswerOddity) -> Void = { _ in }
    ) throws(InvalidGraphSettings) {
        routes = try GraphRoutes(settings)
        connectTimeout = settings.connectTimeout.nanoseconds
        self.tokens = tokens
        context = GraphExchange.Context(endpoint: routes.standard, now: now, onOddity: onOddity)
        connections = ReactorBound(GraphConnections(reactor: reactor, settings: settings.client), to: reactor)
    }

    package func send(_ call: GraphCall, completion: @escaping @Sendable (CallOutcome) -> Void) {
        guard let access = tokens.access(for: call.accountID) else {
            return completion(.missingToken(accountID: call.accountID))
        }
        guard GraphRequestHead.isFit(access.token) else {
            return completion(.unusableToken(accountID: call.accountID))
        }
        guard let route = routes.route(of: call.accountID, access) else { return completion(.unusableAccountID) }
        let head = GraphRequestHead(route, token: access.token, headers: call.headers)
        var context = context
        context.endpoint = route.endpoint
        let exchange = GraphExchange(call, head: head, context: context, completion: completion)
        let options = HTTPCallOptions(
            latestStart: Reactor.monotonicNow() + connectTimeout,
            refusalBodyTimeout: GraphExchange.refusalBodyTimeout
        )
        let origin = route.endpoint.origin
        if connections.reactor.isCurrent {
            connections.value.start(exchange, at: origin, options)
        } else {
            let isQueued = connections.execute { $0.start(exchange, at: origin, options) }
            if !isQueued { completion(.shutDown(route.endpoint.name)) }
        }
    }

    /// Judges the endpoints' servers by another context from now on.
    package func replaceTLS(_ context: TLSContext) {
        connections.execute { $0.replaceTLS(context) }
    }

    /// Ends all calls, as unknown where they were begun, and closes the connections. Later calls end as not sent.
    package func shutdown() async {
        await withCheckedContinuation { continuation in
            let isQueued = connections.execute { $0.shutdown { continuation.resume() } }
            if !isQueued { continuation.resume() }
        }
    }
}

extension GraphSettings {
    /// The settings for making and keeping connections to Graph.
    fileprivate var client: HTTPClientSettings {
        var settings = HTTPClientSettings()
        settings.connectTimeout = connectTimeout
        settings.responseTimeout = responseTimeout
        settings.maxConnections = max(maxInFlight, 1)
        settings.maxResponseBytes = GraphExchange.longestAnswer
        settings.tls = tls
        settings.proxy = proxy
        return settings
    }
}

extension CallOutcome {
    fileprivate static func shutDown(_ name: String) -> CallOutcome {
        .notSent("\(name): the worker is shutting down; nothing was sent", category: .endpointUnavailable)
    }

    /// The token could not be put into a header: it was not copied as a whole, or with something else.
    fileprivate static func unusableToken(accountID: String) -> CallOutcome {
        CallOutcome(
            outcomeClass: .tokenDead,
            error: SendError(
                category: .token,
                message: "the access token of account \(accountID) is empty or holds characters that no token has"
            ),
            wasStarted: false
        )
    }

    fileprivate static var unusableAccountID: CallOutcome {
        CallOutcome(
            outcomeClass: .refused,
            error: SendError(category: .invalidRequest, message: "the account id is not made of digits"),
            wasStarted: false
        )
    }
}

/// The connections to the hosts that accounts are called at, a pool for each.
///
/// Everything of it happens on its reactor's thread. It lives until `shutdown` has completed.
private final class GraphConnections {
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
