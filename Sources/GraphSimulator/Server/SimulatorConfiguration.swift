/// The behaviour of a ``GraphSimulator``. Every setting has a default, so `SimulatorConfiguration()` is a strict Graph.
package struct SimulatorConfiguration: Sendable {
    /// The address to listen on. Loopback by default: the simulator checks tokens, it does not keep secrets.
    package var host: String
    /// The port to listen on; 0 lets the system choose one, which ``GraphSimulator/port()`` then tells.
    package var port: Int
    /// Decides every random choice: shares of faults, jitter and trace ids.
    package var seed: UInt64
    /// The bearer tokens that are accepted.
    package var tokens: TokenPolicy
    /// With it a call has to carry the proof of knowing it; without it a proof need only look like one.
    package var appSecret: ApplicationSecret?
    /// The numbers of calls that an account may make.
    package var limits: SimulatorLimits
    /// The answer to a call over its limit.
    package var throttleAnswer: GraphErrorAnswer
    /// True to send `X-App-Usage` and `X-Business-Use-Case-Usage` with every answer, not only with throttles.
    package var sendsUsageHeaders: Bool
    /// Calls kept in the log, at least 1; the oldest go first. A call takes about 300 bytes.
    package var callLogCapacity: Int
    /// The largest request body read, in bytes; a larger one is answered with 413.
    package var maximumBodyBytes: Int
    /// True to refuse a second private reply to one comment with code 10900, as Graph documents it.
    package var allowsOnePrivateReplyPerComment: Bool

    /// Creates a configuration.
    package init(
        host: String = "127.0.0.1",
        port: Int = 0,
        seed: UInt64 = 1,
        tokens: TokenPolicy = .anyNonEmpty,
        appSecret: ApplicationSecret? = nil,
        limits: SimulatorLimits = SimulatorLimits(),
        throttleAnswer: GraphErrorAnswer = .accountThrottled,
        sendsUsageHeaders: Bool = false,
        callLogCapacity: Int = 200_000,
        maximumBodyBytes: Int = 262_144,
        allowsOnePrivateReplyPerComment: Bool = true
    ) {
        self.host = host
        self.port = port
        self.seed = seed
        self.tokens = tokens
        self.appSecret = appSecret
        self.limits = limits
        self.throttleAnswer = throttleAnswer
        self.sendsUsageHeaders = sendsUsageHeaders
        self.callLogCapacity = callLogCapacity
        self.maximumBodyBytes = maximumBodyBytes
        self.allowsOnePrivateReplyPerComment = allowsOnePrivateReplyPerComment
    }
}

/// The calls that the simulator lets an account make, counted in sliding windows by arrival. Every call counts that
/// was read to its end, also one that is refused or throttled. The defaults are the documented limits.
package struct SimulatorLimits: Sendable, Hashable {
    /// Calls in any second other than audio, video and private replies, and again as many private replies to live comments;
    /// nil for no limit.
    package var messagesPerSecond: Int?
    /// Calls with audio or video in any second; nil for no limit.
    package var mediaPerSecond: Int?
    /// Private replies to other comments in any hour; nil for no limit.
    package var privateRepliesPerHour: Int?

    /// Creates limits; each is at least 1 where it is given.
    package init(
        messagesPerSecond: Int? = 100,
        mediaPerSecond: Int? = 10,
        privateRepliesPerHour: Int? = 750
    ) {
        self.messagesPerSecond = messagesPerSecond
        self.mediaPerSecond = mediaPerSecond
        self.privateRepliesPerHour = privateRepliesPerHour
    }

    /// No limits at all, for measurements.
    package static let unlimited = SimulatorLimits(
        messagesPerSecond: nil,
        mediaPerSecond: nil,
        privateRepliesPerHour: nil
    )
}
