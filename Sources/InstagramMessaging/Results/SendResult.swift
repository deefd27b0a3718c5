/// The end of a request: the value of a record on the results topic.
public struct SendResult: Sendable, Hashable {
    /// The terminal status of a request.
    public enum Status: String, Sendable, Hashable, CaseIterable {
        /// Graph accepted it.
        case sent
        /// It failed validation; no call was made.
        case rejected
        /// Graph refused it for good, or retries ran out, and it is known not to have been delivered.
        case failed
        /// Its deadline passed, or provably would pass, before a call.
        case expired
        /// A call was made and nobody knows whether it was delivered.
        case unknown
    }

    /// The place that the request was read from.
    public struct Source: Sendable, Hashable {
        public var topic: String
        public var partition: Int32
        public var offset: Int64

        /// Names a record of a topic.
        public init(topic: String, partition: Int32, offset: Int64) {
            self.topic = topic
            self.partition = partition
            self.offset = offset
        }
    }

    /// The caller's id; nil where the record did not hold a usable one.
    public var requestID: String?
    /// The sending account; nil where the record did not hold a usable one.
    public var accountID: String?
    /// The Instagram-scoped id of the receiver; for a private reply it comes from Graph's answer.
    public var recipientID: String?
    public var status: Status
    /// Graph's id of the message, where it gave one.
    public var messageID: String?
    /// HTTP calls made for this request, at least 0.
    public var attempts: Int
    /// True where an earlier attempt's outcome was unknown and the request was sent again.
    public var possibleDuplicate: Bool
    /// The reason for which it was not sent; nil exactly when the status is `sent`.
    public var error: SendError?
    /// The request record's Kafka timestamp as it is: its producer's, or the broker's. The epoch where it has none.
    public var receivedAt: Timestamp
    /// The moment at which the request reached its terminal status.
    public var completedAt: Timestamp
    public var source: Source
    /// The request's `context`, a JSON object, byte for byte as it came.
    public var context: [UInt8]?
    /// The members that were left out, or cut, because the result did not fit into its topic.
    public var omitted: [String]

    /// Creates a result.
    public init(
        requestID: String?,
        accountID: String?,
        recipientID: String?,
        status: Status,
        messageID: String? = nil,
        attempts: Int,
        possibleDuplicate: Bool,
        error: SendError?,
        receivedAt: Timestamp,
        completedAt: Timestamp,
        source: Source,
        context: [UInt8]?,
        omitted: [String] = []
    ) {
        self.requestID = requestID
        self.accountID = accountID
        self.recipientID = recipientID
        self.status = status
        self.messageID = messageID
        self.attempts = attempts
        self.possibleDuplicate = possibleDuplicate
        self.error = error
        self.receivedAt = receivedAt
        self.completedAt = completedAt
        self.source = source
        self.context = context
        self.omitted = omitted
    }
}

/// All that is known of the reason for which a request did not end as `sent`: the `error` object of a result.
public struct SendError: Sendable, Hashable {
    /// The reason as a stable word.
    public var category: ErrorCategory
    /// One sentence for a person. Never holds a token or message text.
    public var message: String
    /// The HTTP status of the last answer, where one came.
    public var httpStatus: Int?
    /// Graph's error code, where it gave one.
    public var code: Int?
    /// Graph's error subcode, where it gave one.
    public var subcode: Int?
    /// Graph's trace id, which its support asks for.
    public var traceID: String?
    /// The broken rules, for a request that failed validation.
    public var violations: [Violation]

    /// Creates an error; only the category and the message are always known.
    public init(
        category: ErrorCategory,
        message: String,
        httpStatus: Int? = nil,
        code: Int? = nil,
        subcode: Int? = nil,
        traceID: String? = nil,
        violations: [Violation] = []
    ) {
        self.category = category
        self.message = message
        self.httpStatus = httpStatus
        self.code = code
        self.subcode = subcode
        self.traceID = traceID
        self.violations = violations
    }
}

/// The reason for an end other than `sent`, in a few words that a program can branch on (`error.category`).
public enum ErrorCategory: String, Sendable, Hashable, CaseIterable {
    case invalidRequest = "invalid_request"
    case malformedRecord = "malformed_record"
    case outsideWindow = "outside_window"
    case recipientUnavailable = "recipient_unavailable"
    case permission
    case token
    case policy
    case throttled
    case media
    case endpointUnavailable = "endpoint_unavailable"
    case timeout
    case expired
    case graphError = "graph_error"
}

/// One broken rule of a request.
public struct Violation: Sendable, Hashable {
    /// The place: a JSON Pointer (RFC 6901) into the request; empty for the whole record.
    public var field: String
    /// The broken rule: a stable identifier that `send-worker validate --explain` knows.
    public var rule: String
    /// An explanation of the fault and its remedy: the limit, the actual value and what to do.
    public var message: String

    /// Creates a violation.
    public init(field: String, rule: String, message: String) {
        self.field = field
        self.rule = rule
        self.message = message
    }
}
