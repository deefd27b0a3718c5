/// Answers the requests of a server.
package protocol HTTPHandler: Sendable {
    /// Decides on a request whose head has come. Called on the reactor's thread; must return at once.
    func decide(_ head: HTTPServerRequest) -> HTTPHeadDecision

    /// Answers a whole request, now or later, from any thread. Called on the reactor's thread; must return at once.
    func handle(_ request: HTTPServerRequest, _ exchange: HTTPServerExchange)

    /// The answer to what the server refuses by itself; `request` is its head, where there is one. Called on the
    /// reactor's thread; must return at once.
    func refuse(_ refusal: HTTPServerRefusal, of request: HTTPServerRequest?) -> HTTPServerResponse
}

extension HTTPHandler {
    package func decide(_ head: HTTPServerRequest) -> HTTPHeadDecision { .read() }

    package func refuse(_ refusal: HTTPServerRefusal, of request: HTTPServerRequest?) -> HTTPServerResponse {
        .text(status: refusal.status, refusal.reason)
    }
}

/// The decision on a request before its body is read.
package enum HTTPHeadDecision: Sendable {
    /// Its body is read, of `atMost` bytes (the server's limit where it is nil); then `handle` gets the request, or the
    /// handler itself where that is nil.
    case read(
        atMost: Int? = nil,
        handle: (@Sendable (HTTPServerRequest, HTTPServerExchange) -> Void)? = nil
    )
    /// It is answered. Where it has a body, that is dropped and the connection ends.
    case answer(HTTPServerResponse)
    /// The connection ends in order, without an answer.
    case close
    /// The connection is reset.
    case reset
}

/// The reason why the server itself refuses a request, and the connection with it.
package struct HTTPServerRefusal: Error, Hashable, Sendable {
    /// 400, 408, 413, 414, 417, 431, 500, 501 or 505.
    package let status: Int
    /// The fault, in words.
    package let reason: String
}

/// A handler that answers with what an asynchronous function returns.
package struct HTTPAsyncHandler: HTTPHandler {
    private let answer: @Sendable (HTTPServerRequest) async -> HTTPServerResponse

    package init(_ answer: @escaping @Sendable (HTTPServerRequest) async -> HTTPServerResponse) {
        self.answer = answer
    }

    package func handle(_ request: HTTPServerRequest, _ exchange: HTTPServerExchange) {
        Task { exchange.respond(await answer(request)) }
    }
}
