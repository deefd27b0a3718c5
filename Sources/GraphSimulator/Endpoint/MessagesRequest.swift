import FoundationEssentials
import InstagramMessaging
import Reactor

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

/// The reply of the endpoint to a call.
struct EndpointReply: Sendable {
    enum Action: Sendable, Hashable {
        case answer(HTTPAnswer)
        /// End the connection in order, without an answer.
        case close
        /// Reset the connection.
        case reset
    }

    var action: Action
    /// The time to wait before.
    var delay: Duration = .zero
}

/// One moment on two clocks.
struct Moment: Sendable, Hashable {
    /// Monotonic nanoseconds.
    var nanoseconds: Int64
    var wall: Timestamp

    static func now() -> Moment {
        Moment(
            nanoseconds: monotonicNanoseconds(),
            wall: Timestamp(millisecondsSinceEpoch: Int64(Date().timeIntervalSince1970 * 1000))
        )
    }

    static func monotonicNanoseconds() -> Int64 { Reactor.monotonicNow() }
}

extension Duration {
    /// Whole nanoseconds; stays at the end of the range instead of overflowing.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, sumOverflow) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        return sumOverflow ? (seconds < 0 ? .min : .max) : sum
    }
}
