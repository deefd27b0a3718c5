import HTTP
package import InstagramMessaging
package import OpenSSL
package import Reactor
import SendEngine

/// Has calls made, and is told of their ends.
package protocol GraphCaller: AnyObject, Sendable {
    /// The last word: asked once, on the reactor's thread, right before the first byte is written. A call that may not start
    /// any more ends as not sent.
    ///
    /// - Parameter hasWaited: Whether it was asked for in another turn of the reactor: the partition may be another's by now.
    func mayStart(_ call: GraphCall, hasWaited: Bool) -> Bool

    /// Told exactly once of each call: on the reactor's thread, or within `send`.
    func ended(_ call: GraphCall, _ outcome: CallOutcome)
}

/// One call of the messages endpoint.
package final class GraphCall: Sendable {
    /// The request that is called for.
    let id: RecordID
    /// The account that sends: digits only. It becomes a part of the URL.
    let accountID: String
    /// The JSON body, as Graph gets it.
    let body: [UInt8]
    /// False where Graph's success answer has no message id (sender actions).
    let expectsMessageID: Bool
    /// The person it is for, whom a success has to name; nil where only Graph knows (private replies).
    let recipientID: String?
    /// Further request headers (`traceparent`, say). One that HTTP does not allow is left out.
    let headers: [(String, String)]
    /// The moment from which on it must not begin any more, on the caller's monotonic clock.
    let latestStart: Int64
    /// The moment at which it was asked for, on the same clock.
    let askedAt: Int64
    let span: CallSpan?

    init(
        id: RecordID,
        accountID: String,
        body: [UInt8],
        expectsMessageID: Bool,
        recipientID: String? = nil,
        headers: [(String, String)] = [],
        latestStart: Int64 = .max,
        askedAt: Int64 = 0,
        span: CallSpan? = nil
    ) {
        self.id = id
        self.accountID = accountID
        self.body = body
        self.expectsMessageID = expectsMessageID
        self.recipientID = recipientID
        self.headers = headers
        self.latestStart = latestStart
        self.askedAt = askedAt
        self.span = span
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
package final class HTTPGraphTransport: Sendable {
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
        context = GraphExchange.Context(reactor: reactor, now: now, onOddity: onOddity)
        connections = ReactorBound(GraphConnections(reactor: reactor, settings: settings.client), to: reactor)
    }

    /// Starts a call and returns at once.
    package func send(_ call: GraphCall, for caller: any GraphCaller) {
        guard let access = tokens.access(for: call.accountID) else {
            return caller.ended(call, .missingToken(accountID: call.accountID))
        }
        guard GraphRequestHead.isFit(access.token) else {
            return caller.ended(call, .unusableToken(accountID: call.accountID))
        }
        guard let route = routes.route(of: call.accountID, access) else {
            return caller.ended(call, .unusableAccountID)
        }
        let reactor = connections.reactor
        let exchange = GraphExchange(
            call,
            for: caller,
            head: GraphRequestHead(route, token: access.token),
            askedIn: reactor.isCurrent ? reactor.turns : nil,
            context: context
        )
        let options = HTTPCallOptions(
            latestStart: Reactor.monotonicNow() + connectTimeout,
            refusalBodyTimeout: GraphExchange.refusalBodyTimeout
        )
        let origin = route.endpoint.origin
        if reactor.isCurrent {
            connections.value.start(exchange, at: origin, options)
        } else {
            let isQueued = connections.execute { $0.start(exchange, at: origin, options) }
            if !isQueued { caller.ended(call, .shutDown(route.endpoint.name)) }
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
