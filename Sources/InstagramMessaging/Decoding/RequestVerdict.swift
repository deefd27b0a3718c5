/// What the rules say of a record of the requests topic.
public enum RequestVerdict: Sendable, Hashable {
    /// It may be sent.
    case accepted(AcceptedRequest)
    /// It must not be sent; no call is made.
    case rejected(RejectedRequest)
}

/// A request that keeps every rule.
public struct AcceptedRequest: Sendable, Hashable {
    public var request: SendRequest
    /// The JSON body to POST: the Graph members of the record byte for byte as they were written, the envelope removed.
    public var graphBody: [UInt8]

    /// Creates an accepted request.
    public init(request: SendRequest, graphBody: [UInt8]) {
        self.request = request
        self.graphBody = graphBody
    }
}

/// A record that breaks rules, with what could be salvaged from it for its result.
public struct RejectedRequest: Sendable, Hashable {
    /// The caller's id; nil where the record held no usable one.
    public var requestID: String?
    /// The sending account; nil where the record held no usable one.
    public var accountID: String?
    /// The Instagram-scoped id of the receiver; nil where the record held no usable one.
    public var recipientID: String?
    /// The record's `context` byte for byte; nil where it held none, or one that is no object or too large.
    public var context: [UInt8]?
    /// Category `malformedRecord`, `invalidRequest`, `expired` or `outsideWindow`, with every broken rule.
    public var error: SendError
    /// `rejected`, or `expired` where nothing else is wrong than that `expires_at` has passed.
    public var status: SendResult.Status

    /// Creates a rejected request.
    public init(
        requestID: String? = nil,
        accountID: String? = nil,
        recipientID: String? = nil,
        context: [UInt8]? = nil,
        error: SendError,
        status: SendResult.Status = .rejected
    ) {
        self.requestID = requestID
        self.accountID = accountID
        self.recipientID = recipientID
        self.context = context
        self.error = error
        self.status = status
    }
}
