/// A call of the messages endpoint, read to its end.
struct MessagesRequest: Sendable {
    var accountID: String
    /// The number of the account's call, as ``MessagesEndpoint/begin(accountID:at:)`` gave it.
    var number: UInt64
    var arrival: Moment
    /// The bearer token; nil where there was none.
    var token: String?
    /// The `appsecret_proof` of the query.
    var proof: String? = nil
    /// The value of `X-Simulator-Marker`.
    var marker: String?
    /// The headers of W3C Trace Context as they came.
    var traceParent: String?
    var traceState: String?
    var call: MessageCall
}

/// What the endpoint does with a call.
struct EndpointReply: Sendable {
    enum Action: Sendable, Hashable {
        case answer(HTTPAnswer)
        /// End the connection in order, without an answer.
        case close
        /// Reset the connection.
        case reset
    }

    var action: Action
    /// How long to wait before.
    var delay: Duration = .zero
}
