package import InstagramMessaging

/// One call as the simulator saw it.
package struct CallRecord: Sendable, Hashable {
    /// Position in the log, from 1, without gaps; calls are numbered when they are decided.
    package var sequence: UInt64
    /// When the request's head arrived, on a monotonic clock, in nanoseconds.
    package var arrivalNanoseconds: Int64
    /// When the request's head arrived, on the wall clock.
    package var arrival: Timestamp
    package var accountID: String
    /// `recipient.id` or `recipient.comment_id`; nil where the body was not read or named none.
    package var recipient: String?
    /// What was sent (`text`, `image`, `react`, …); nil where the body was not read or not understood.
    package var kind: String?
    /// Which limit the call counted against; nil where the body was not read.
    package var rateClass: RateClass?
    /// True for `react`, `unreact`, `typing_on`, `typing_off` and `mark_seen`.
    package var isSenderAction: Bool
    /// FNV-1a 128 over the body's bytes; nil where the body was not read.
    package var bodyDigest: UInt128?
    /// What tells the caller which request this is: the header `X-Simulator-Marker`, else the first 64 bytes of the
    /// message's text, title, link or target; nil where there is none.
    package var marker: String?
    /// The fault that decided about the call (its name in the control API); nil for none. Latencies are not named.
    package var fault: String?
    /// Extra delay of the answer from latency faults and `reply_delayed`.
    package var delay: Duration
    /// True where the message was taken, whatever was answered.
    package var accepted: Bool
    /// True where the account had made too many calls when this one arrived, whatever was answered.
    package var isOverLimit: Bool
    /// The HTTP status answered; nil where the connection was closed instead.
    package var status: Int?
    /// Graph's error code answered.
    package var errorCode: Int?
    /// Graph's error subcode answered.
    package var errorSubcode: Int?
    /// The header `traceparent` as it came; nil where there was none or the body was not read.
    package var traceParent: String?
    /// The header `tracestate`, likewise.
    package var traceState: String?
}
