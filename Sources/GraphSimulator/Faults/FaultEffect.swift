/// The effect of a fault on a call.
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

/// An answer that says what another one would, and is odd in one respect.
package struct OddAnswer: Sendable, Hashable {
    /// The odd respect. The raw values are the effects' names.
    package enum Oddity: String, Sendable, Hashable, CaseIterable {
        /// The body is compressed, though nobody asked.
        case gzip = "gzip_answer"
        case deflate = "deflate_answer"
        /// A text of the body is half of a surrogate pair.
        case loneSurrogate = "lone_surrogate"
        /// A text of the body is not UTF-8.
        case latin1 = "latin1_answer"
        /// A member stands twice in the body.
        case duplicateMember = "duplicate_member"
        /// Something follows the JSON.
        case trailingBytes = "trailing_bytes"
        /// The body has 115 KB.
        case longBody = "long_body"
        /// The body stops in its middle, and nothing follows.
        case stalledBody = "stalled_body"
        /// The body names another person.
        case wrongRecipient = "wrong_recipient"
        /// The same answer comes once more, a little later.
        case secondAnswer = "second_answer"
        /// The answer is of another version of the API.
        case otherVersion = "other_version"
        /// A little later the idle connection ends, with a 408 that nobody asked for.
        case farewell
    }

    /// The answer that is made odd.
    package enum Basis: Sendable, Hashable {
        /// The message is accepted, and so is said.
        case acceptance
        /// The message is not accepted.
        case error(GraphErrorAnswer)
        /// A page of a gateway; the message is not accepted.
        case page(status: Int, retryAfterSeconds: Int?)
    }

    package var oddity: Oddity
    package var basis: Basis
    /// The time after the answer, where something follows it.
    package var after: Duration

    package init(_ oddity: Oddity, _ basis: Basis = .acceptance, after: Duration = .milliseconds(20)) {
        self.oddity = oddity
        self.basis = basis
        self.after = after
    }
}

extension OddAnswer.Basis {
    /// The status, where it is not that of an acceptance.
    var status: Int? {
        switch self {
        case .acceptance: nil
        case .error(let answer): answer.status
        case .page(let status, _): status
        }
    }
}

extension FaultEffect {
    /// The effect's name in the control interface and in the call log.
    package var name: String {
        switch self {
        case .latency: "latency"
        case .error: "error"
        case .replyLost: "reply_lost"
        case .replyDelayed: "reply_delayed"
        case .resetBeforeBody: "reset_before_body"
        case .resetAfterBody: "reset_after_body"
        case .htmlPage: "html_page"
        case .truncatedAnswer: "truncated_answer"
        case .odd(let answer): answer.oddity.rawValue
        case .throttle: "throttle"
        case .deadToken: "dead_token"
        case .mediaFetchFailure: "media_fetch_failure"
        case .endpointDown: "endpoint_down"
        }
    }

    /// True where the effect comes after the message was accepted: it then only hits calls that would be accepted.
    var delivers: Bool {
        switch self {
        case .error(_, let delivers), .htmlPage(_, let delivers): delivers
        case .replyLost, .replyDelayed, .truncatedAnswer: true
        case .odd(let answer): answer.basis == .acceptance
        default: false
        }
    }

    var isLatency: Bool {
        if case .latency = self { true } else { false }
    }

    var needsMedia: Bool {
        if case .mediaFetchFailure = self { true } else { false }
    }
}
