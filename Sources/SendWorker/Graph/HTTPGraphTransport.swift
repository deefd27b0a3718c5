import AsyncHTTPClient
package import InstagramMessaging
package import NIOCore
import NIOHTTP1

/// Calls Graph over HTTP, and knows of every call whether it may have reached Graph.
///
/// HTTP/1.1 only, one call per connection at a time: a connection that breaks puts one call in doubt, where an HTTP/2
/// connection would put all calls in doubt that share it. Nothing is retried here and no redirect is followed; what
/// to do next is the engine's decision.
///
/// All calls and connections of a transport share one event loop. Across event loops the client writes head, body and
/// end of a request in steps; where the server answers before the last step and closes the connection, the client
/// (AsyncHTTPClient 1.37.0) stops the process: "A connection that we don't know was released". On one loop the request
/// is written in one go, and what the exchange is told is never late.
package final class HTTPGraphTransport: GraphTransport {
    /// An idle connection is closed after this time: earlier than usual servers do, so that it rarely happens that a
    /// request is written to a connection the server has just given up, which would leave its outcome unknown.
    private static let idleTimeout = TimeAmount.seconds(10)

    private let eventLoop: any EventLoop
    private let client: HTTPClient
    private let endpoint: GraphEndpoint
    private let proof: AppSecretProof?
    private let tokens: any TokenSource
    private let connectTimeout: TimeAmount
    private let responseTimeout: TimeAmount
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - tokens: Asked anew for each call.
    ///   - eventLoopGroup: One of its event loops is taken; it must outlive the transport.
    ///   - now: The wall clock, to read a `Retry-After` that is a date.
    /// - Throws: ``InvalidGraphSettings`` for a base URL or version that cannot be called.
    package init(
        settings: GraphSettings,
        tokens: any TokenSource,
        eventLoopGroup: any EventLoopGroup = HTTPClient.defaultEventLoopGroup,
        now: @escaping @Sendable () -> Timestamp
    ) throws(InvalidGraphSettings) {
        endpoint = try GraphEndpoint(baseURL: settings.baseURL, version: settings.version)
        proof = settings.appSecret.map { AppSecretProof(secret: $0) }
        connectTimeout = TimeAmount(settings.connectTimeout)
        responseTimeout = TimeAmount(settings.responseTimeout)
        self.tokens = tokens
        self.now = now
        eventLoop = eventLoopGroup.next()
        client = HTTPClient(
            eventLoopGroupProvider: .shared(eventLoop),
            configuration: Self.clientConfiguration(settings)
        )
    }

    package func send(_ call: GraphCall, completion: @escaping @Sendable (CallOutcome) -> Void) {
        guard let token = tokens.token(for: call.accountID) else {
            return completion(.missingToken(accountID: call.accountID))
        }
        guard token.revealed.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !token.revealed.isEmpty else {
            return completion(.unusableToken(accountID: call.accountID))
        }
        let latestStart = NIODeadline.now() + connectTimeout
        let exchange = GraphExchange(
            latestStart: latestStart,
            responseTimeout: responseTimeout,
            hasBody: !call.body.isEmpty
        )
        guard let request = request(for: call, token: token, in: exchange) else {
            return completion(.unusableAccountID)
        }
        let expectsMessageID = call.expectsMessageID
        // The deadline is a backstop for whatever the pool's own limit and the exchange's timer do not cover.
        client.execute(
            request: request,
            delegate: exchange,
            deadline: latestStart + responseTimeout
        ).futureResult.whenComplete { [self] result in
            completion(outcome(of: exchange, result: result, expectsMessageID: expectsMessageID))
        }
    }

    /// Ends all calls, as unknown where they were begun, and closes the connections. Later calls end as not sent.
    package func shutdown() async {
        // The one error there is says that it was shut down before.
        try? await client.shutdown()
    }

    private func request(
        for call: GraphCall,
        token: AccessToken,
        in exchange: GraphExchange
    ) -> HTTPClient.Request? {
        guard let url = endpoint.messagesURL(for: call.accountID, proof: proof?.proof(for: token)) else { return nil }
        var headers = HTTPHeaders()
        headers.reserveCapacity(6 + call.headers.count)
        headers.add(name: "Authorization", value: "Bearer \(token.revealed)")
        headers.add(name: "Content-Type", value: "application/json")
        headers.add(name: "Accept", value: "application/json")
        headers.add(name: "User-Agent", value: "instagram-send-worker")
        for (name, value) in call.headers where Self.isSendable(name: name, value: value) {
            headers.add(name: name, value: value)
        }
        // Not the client's own body of bytes, so that the exchange has the last word before the first byte.
        let body = HTTPClient.Body.stream(contentLength: Int64(call.body.count)) { [eventLoop] writer in
            do {
                try exchange.begin(call)
            } catch {
                return eventLoop.makeFailedFuture(error)
            }
            return writer.write(.byteBuffer(ByteBuffer(bytes: call.body)))
        }
        return try? HTTPClient.Request(url: url, method: .POST, headers: headers, body: body)
    }

    private func outcome(
        of exchange: GraphExchange,
        result: Result<Void, any Error>,
        expectsMessageID: Bool
    ) -> CallOutcome {
        let (wasBegun, answer) = exchange.end()
        switch (result, answer) {
        case (.success, .some(let answer)):
            return GraphAnswer.classify(
                status: Int(answer.head.status.code),
                body: answer.body,
                header: { answer.head.headers.first(name: $0) },
                expectsMessageID: expectsMessageID,
                now: now()
            )
        case (.success, .none):
            return .unknown("\(endpoint.name): the answer had no head", category: .endpointUnavailable)
        case (.failure(is GraphExchange.TooLate), _):
            return .tooLate
        case (.failure(let error), _):
            let failure = CallFailure(error, responseTimeout: responseTimeout)
            let message = "\(endpoint.name): \(failure.reason)"
            return wasBegun
                ? .unknown("\(message); the message may have been delivered", category: failure.category)
                : .notSent("\(message); nothing was sent", category: failure.category)
        }
    }

    private static func clientConfiguration(_ settings: GraphSettings) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: HTTPClient.Configuration.Timeout(connect: TimeAmount(settings.connectTimeout)),
            connectionPool: HTTPClient.Configuration.ConnectionPool(
                idleTimeout: idleTimeout,
                concurrentHTTP1ConnectionsPerHostSoftLimit: max(settings.maxInFlight, 1)
            ),
            decompression: .disabled
        )
        configuration.httpVersion = .http1Only
        // With retries a call would wait out the whole connect time-out on a port that refuses at once. The engine
        // has its own way of waiting for an endpoint that is down.
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    /// Whether HTTP allows the header, and it is none that the transport sets itself.
    private static func isSendable(name: String, value: String) -> Bool {
        let own = ["authorization", "content-type", "content-length", "transfer-encoding", "host", "connection"]
        return !name.isEmpty && !own.contains(name.lowercased())
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
                default: false
                }
            }
            && value.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }
}

extension CallOutcome {
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

    /// The worker was stopped, or too busy, between the decision to call and its turn: the partition may be another's by
    /// now, the request's deadline may have passed, and its place in a rate limit too.
    fileprivate static var tooLate: CallOutcome {
        CallOutcome(
            outcomeClass: .notSent,
            error: SendError(
                category: .endpointUnavailable,
                message:
                    "the call's turn came too late, after a standstill or with no free connection; nothing was sent"
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
