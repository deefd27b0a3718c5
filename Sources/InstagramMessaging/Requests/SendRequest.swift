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
    /// The moment at which the person last wrote; lets the worker refuse early outside the messaging window.
    ///
    /// For a private reply the comment counts as writing. Without it, only Graph checks the window.
    public var lastInboundAt: Timestamp?
    /// Until when the messaging window is open, where the caller knows better (after an ad, say); overrides what follows
    /// from `lastInboundAt`.
    public var windowExpiresAt: Timestamp?
    /// Do not send at or after this moment.
    public var expiresAt: Timestamp?
    /// The speaker; a bot may not use the tag `HUMAN_AGENT`.
    public var sender: Sender?
    /// The preference for an unknown outcome; nil leaves it to the worker's configuration.
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

/// The receiver of a message. Group conversations do not exist: one recipient per call.
public enum Recipient: Sendable, Hashable {
    /// A person, by the Instagram-scoped id that a webhook gave.
    case user(id: String)
    /// The author of a comment, as a private reply: one per comment, within 7 days of it.
    ///
    /// Text and quick replies reach everybody. Media, templates, stickers and shares are let through too, but Graph
    /// refuses them for people who do not follow the account. A comment on a live video has a limit of its own (100 a
    /// second instead of 750 an hour), which cannot be seen from its id.
    case comment(id: String, isLive: Bool = false)
}

/// The declared purpose of a message: Graph's `messaging_type` and, for a human agent, its `tag`.
public enum MessagingType: Sendable, Hashable, CaseIterable {
    /// An answer to the person (`RESPONSE`).
    case response
    /// A message of the account's own accord within the window (`UPDATE`).
    case update
    /// An answer by a human agent (`MESSAGE_TAG` with the tag `HUMAN_AGENT`, the only one left): the window is 7 days
    /// instead of 24 hours.
    case humanAgent
}

/// The speaker of a message. The platform wants people to be told where it is a bot.
public enum Sender: String, Sendable, Hashable, CaseIterable {
    /// An automated experience; it may not use the tag `HUMAN_AGENT`.
    case bot
    /// A person.
    case human
}

/// The preference for the case that nobody can tell whether a call delivered the message.
public enum DeliveryPreference: String, Sendable, Hashable, CaseIterable {
    /// Send it again a bounded number of times; the person may get it twice.
    case atLeastOnce = "at_least_once"
    /// Never send it again; the request ends as `unknown`.
    case atMostOnce = "at_most_once"
}

extension SendRequest {
    /// Every rule that this request breaks at a given moment; empty exactly where the worker accepts it and reads from its
    /// record the request it is.
    ///
    /// The request is encoded and judged as the worker judges it, so that the two cannot differ. The rules whose ids begin
    /// with `media.` are not among those checked: the worker asks the servers of the files.
    public func violations(
        now: Timestamp,
        options: RequestDecoder.Options = RequestDecoder.Options()
    ) -> [Violation] {
        switch RequestDecoder(options: options).decode(encodedRecord(), now: now) {
        case .accepted(let accepted): losses(in: accepted.request)
        case .rejected(let rejected): rejected.error.violations
        }
    }

    /// The parts of this request that its record does not say.
    private func losses(in read: SendRequest) -> [Violation] {
        var rest = read
        rest.context = context
        guard rest != self || read.context.map(Self.trimmed) != context.map(Self.trimmed) else { return [] }
        return [
            Violation(
                field: "/context",
                rule: RuleID.memberType.rawValue,
                message: "context holds more than a JSON object; give exactly one"
            )
        ]
    }

    /// Without the white space around a JSON value.
    private static func trimmed(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
        let start = bytes.firstIndex { !isSpace($0) } ?? bytes.endIndex
        let end = bytes.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? bytes.endIndex
        return bytes[start..<end]
    }
}
