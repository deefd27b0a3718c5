/// A request to send one message or sender action: the value of a record on the requests topic.
///
/// A backend builds a request, asks whether it keeps the rules, and publishes it under its account's id:
///
/// ```swift
/// let now = Timestamp(millisecondsSinceEpoch: Int64(Date().timeIntervalSince1970 * 1000))
/// let request = SendRequest(
///     requestID: "order-4711-shipped",
///     accountID: "17841405822304914",
///     recipient: .user(id: "9001234567"),
///     content: .quickReplies(
///         text: "Your order has been shipped. Was everything fine?",
///         replies: [.text(title: "Yes", payload: "FINE"), .text(title: "No", payload: "NOT_FINE")]
///     ),
///     expiresAt: now.adding(milliseconds: 3_600_000)
/// )
/// let violations = request.violations(now: now)
/// if violations.isEmpty {
///     publish(key: request.accountID, value: request.encodedRecord())
/// }
/// for violation in violations {
///     print("\(violation.field): \(violation.message) [\(violation.rule)]")
/// }
/// ```
public struct SendRequest: Sendable, Hashable {
    /// The caller's id, echoed in the result: 1 to 128 of `A-Z a-z 0-9 . _ : -`.
    public var requestID: String
    /// The Instagram professional account that sends: 1 to 32 digits. Also the key of the record.
    public var accountID: String
    public var recipient: Recipient
    public var content: Content
    /// The message (its `mid`) that this one answers. Sender actions have none.
    public var replyTo: String?
    /// Sender actions have none.
    public var messagingType: MessagingType?
    /// When the person last wrote; lets the worker refuse early outside the messaging window.
    ///
    /// For a private reply the comment counts as writing. Without it, only Graph checks the window.
    public var lastInboundAt: Timestamp?
    /// Until when the messaging window is open, where the caller knows better (after an ad, say); overrides what follows
    /// from `lastInboundAt`.
    public var windowExpiresAt: Timestamp?
    /// Do not send at or after this moment.
    public var expiresAt: Timestamp?
    /// Who speaks; a bot may not use the tag `HUMAN_AGENT`.
    public var sender: Sender?
    /// What to do when an outcome is unknown; nil leaves it to the worker's configuration.
    public var delivery: DeliveryPreference?
    /// A JSON object of at most 4 KiB as UTF-8, echoed byte for byte in the result.
    public var context: [UInt8]?

    /// Creates a request. Nothing is checked here: `violations(now:options:)` tells what the worker would say.
    public init(
        requestID: String,
        accountID: String,
        recipient: Recipient,
        content: Content,
        replyTo: String? = nil,
        messagingType: MessagingType? = nil,
        lastInboundAt: Timestamp? = nil,
        windowExpiresAt: Timestamp? = nil,
        expiresAt: Timestamp? = nil,
        sender: Sender? = nil,
        delivery: DeliveryPreference? = nil,
        context: [UInt8]? = nil
    ) {
        self.requestID = requestID
        self.accountID = accountID
        self.recipient = recipient
        self.content = content
        self.replyTo = replyTo
        self.messagingType = messagingType
        self.lastInboundAt = lastInboundAt
        self.windowExpiresAt = windowExpiresAt
        self.expiresAt = expiresAt
        self.sender = sender
        self.delivery = delivery
        self.context = context
    }
}
