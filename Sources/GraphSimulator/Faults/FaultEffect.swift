/// What a fault does to a call.
package enum FaultEffect: Sendable, Hashable {
    /// Every answer comes later by `fixed` plus a random part of `jitter`. Adds up with other latencies and leaves room
    /// for another fault: whether the call is accepted does not depend on it.
    case latency(fixed: Duration, jitter: Duration)
    /// A Graph error. `delivers` true: the message is accepted all the same, as Graph does with code 1.
    case error(GraphErrorAnswer, delivers: Bool)
    /// The message is accepted and the connection is closed without an answer.
    case replyLost
    /// The message is accepted and its answer held back this long: choose it beyond the client's time-out.
    case replyDelayed(Duration)
    /// The connection is reset (RST) when the request's head has come; the body is not read. No recipient is known yet.
    case resetBeforeBody
    /// The connection is reset (RST) when the request has been read; the message is not accepted.
    case resetAfterBody
    /// An HTML page of a gateway instead of a Graph answer. `delivers` true: the message is accepted all the same.
    case htmlPage(status: Int, delivers: Bool)
    /// The message is accepted; the answer is 200 with a body that stops in the middle of its JSON.
    case truncatedAnswer
    /// An answer that is odd in one respect.
    case odd(OddAnswer)
    /// The account is throttled with this answer for as long as the fault lasts.
    case throttle(GraphErrorAnswer)
    /// The account's token is dead: code 190 with this subcode.
    case deadToken(subcode: Int)
    /// A message that points to media is refused since the media could not be fetched: 100/2018008 or 100/2018294.
    case mediaFetchFailure(subcode: Int)
    /// The endpoint as a whole is down: this status (503) without a Graph error, for every call in scope.
    case endpointDown(status: Int)
}
