/// One call as a connection pool carries it. It lives on the pool's reactor.
package protocol HTTPCall: AnyObject {
    /// The last word: asked at most once, in the turn of the first write and right before it.
    ///
    /// - Parameter buffer: The whole request, head and body, is appended.
    /// - Returns: False where the call must not be made any more: it ends as not sent.
    func writeRequest(into buffer: inout [UInt8]) -> Bool

    /// Called exactly once, after which the pool lets go of the call. May start other calls.
    ///
    /// - Returns: What becomes of the connection after an answer; without one it is closed.
    func ended(_ ending: HTTPCallEnding) -> HTTPConnectionUse
}

package enum HTTPCallEnding: Sendable {
    /// The complete, final answer came.
    ///
    /// On a connection's first exchange nothing can be out of step.
    case answered(HTTPResponse, isFirstExchange: Bool)
    case failed(HTTPCallFailure)
}

/// The use of a connection after a call.
package enum HTTPConnectionUse: Sendable {
    /// It may carry others, as far as the protocol allows.
    case keep
    /// It is closed: what it carried does not fit together.
    case discard
}

/// The facts that a pool has to know of a call besides its bytes. Times are of the reactor's clock.
package struct HTTPCallOptions: Sendable {
    /// The moment from which on it is too late for the first byte.
    package var latestStart: Int64
    /// The moment at which the caller's own patience for the whole call ends.
    package var deadline = Int64.max
    /// Nil: as the pool's settings say.
    package var responseTimeout: Duration?
    /// The time that the body of a refusal (3xx, 4xx, 5xx) may take from its head on: the head says most of it. Nil:
    /// until the response time-out.
    package var refusalBodyTimeout: Duration?
    /// Nil: as the pool's settings say.
    package var maxResponseBytes: Int?
    /// The answer to HEAD has no body, whatever it says.
    package var isHead = false
    /// The call is over with the head of the answer; the body is not read.
    package var endsWithHead = false

    package init(latestStart: Int64, refusalBodyTimeout: Duration? = nil) {
        self.latestStart = latestStart
        self.refusalBodyTimeout = refusalBodyTimeout
    }
}
