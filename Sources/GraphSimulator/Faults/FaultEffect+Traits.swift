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
