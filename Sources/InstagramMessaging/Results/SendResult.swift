/// How a request ended: the value of a record on the results topic.
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

    /// Where the request was read from.
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
    /// Why it was not sent; nil exactly when the status is `sent`.
    public var error: SendError?
    /// The request record's Kafka timestamp as it is: its producer's, or the broker's. The epoch where it has none.
    public var receivedAt: Timestamp
    /// When the request reached its terminal status.
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
