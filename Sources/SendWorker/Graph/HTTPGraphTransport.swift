import HTTP
package import InstagramMessaging
package import OpenSSL
package import Reactor

/// Calls Graph over HTTP, and knows of every call whether it may have reached Graph.
///
/// HTTP/1.1 only, one call per connection at a time: a connection that breaks puts one call in doubt, where an HTTP/2
/// connection would put all calls in doubt that share it. Nothing is retried here and no redirect is followed; what
/// to do next is the engine's decision.
///
/// All calls and connections live on one reactor. A call that is asked for there and finds a free connection is written in
/// the same turn.
package final class HTTPGraphTransport: GraphTransport {
    private let pool: ReactorBound<HTTPConnectionPool>
    private let endpoint: GraphEndpoint
    private let proof: AppSecretProof?
    private let tokens: any TokenSource
    private let connectTimeout: Int64
    private let context: GraphExchange.Context

    /// - Parameters:
    ///   - tokens: Asked anew for each call.
    ///   - reactor: Where the connections live and completions are called; it must outlive the transport.
    ///   - now: The wall clock, to read a `Retry-After` that is a date.
    ///   - onUnknownOnReusedConnection: Called for each call without an answer whose connection had carried others.
    /// - Throws: ``InvalidGraphSettings`` for a base URL or version that cannot be called.
    package init(
        settings: GraphSettings,
        tokens: any TokenSource,
        reactor: Reactor,
        now: @escaping @Sendable () -> Timestamp,
        onUnknownOnReusedConnection: @escaping @Sendable () -> Void = {}
    ) throws(InvalidGraphSettings) {
        endpoint = try GraphEndpoint(baseURL: settings.baseURL, version: settings.version)
        proof = settings.appSecret.map { AppSecretProof(secret: $0) }
        connectTimeout = settings.connectTimeout.wholeNanoseconds
        self.tokens = tokens
        context = GraphExchange.Context(
            endpoint: endpoint,
            now: now,
            onUnknownOnReusedConnection: onUnknownOnReusedConnection
        )
        pool = ReactorBound(
            HTTPConnectionPool(reactor: reactor, origin: endpoint.origin, settings: settings.client),
            to: reactor
        )
    }

    package func send(_ call: GraphCall, completion: @escaping @Sendable (CallOutcome) -> Void) {
        guard let token = tokens.token(for: call.accountID) else {
            return completion(.missingToken(accountID: call.accountID))
        }
        guard GraphRequestHead.isFit(token) else { return completion(.unusableToken(accountID: call.accountID)) }
        guard let target = endpoint.messagesTarget(for: call.accountID, proof: proof?.proof(for: token)) else {
            return completion(.unusableAccountID)
        }
        let head = GraphRequestHead(
            target: target,
            host: endpoint.origin.hostHeader,
            token: token,
            headers: call.headers
        )
        let latestStart = Reactor.monotonicNow() + connectTimeout
        if pool.reactor.isCurrent {
            start(call, head, latestStart: latestStart, completion)
        } else {
            let isQueued = pool.reactor.execute { [self] in start(call, head, latestStart: latestStart, completion) }
            if !isQueued { completion(.shutDown(endpoint.name)) }
        }
    }

    /// Judges the endpoint's server by another context from now on.
    package func replaceTLS(_ context: TLSContext) {
        pool.execute { $0.replaceTLS(context) }
    }

    /// Ends all calls, as unknown where they were begun, and closes the connections. Later calls end as not sent.
    package func shutdown() async {
        await withCheckedContinuation { continuation in
            let isQueued = pool.execute { $0.shutdown(within: .zero) { continuation.resume() } }
            if !isQueued { continuation.resume() }
        }
    }

    private func start(
        _ call: GraphCall,
        _ head: GraphRequestHead,
        latestStart: Int64,
        _ completion: @escaping @Sendable (CallOutcome) -> Void
    ) {
        let exchange = GraphExchange(call, head: head, context: context, completion: completion)
        pool.value.start(exchange, HTTPCallOptions(latestStart: latestStart))
    }
}

extension GraphSettings {
    /// How connections to Graph are made and kept.
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
