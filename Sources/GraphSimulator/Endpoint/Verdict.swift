/// What becomes of a call: Graph's own refusal and a fault brought together.
struct Verdict: Sendable {
    enum Reply: Sendable, Hashable {
        case acceptance
        case truncatedAcceptance
        case error(GraphErrorAnswer)
        case page(status: Int)
        case odd(OddAnswer)
        case close
        case reset
    }

    /// True where the message is taken.
    let accepts: Bool
    let reply: Reply
    /// What the effect adds to the delay.
    let delay: Duration
    /// The effect's name.
    let fault: String?

    /// An effect that delivers is only given where there is no refusal.
    init(refusal: GraphErrorAnswer?, effect: FaultEffect?) {
        fault = effect?.name
        accepts = refusal == nil && effect?.delivers ?? true
        reply = Self.reply(refusal: refusal, effect: effect)
        if case .replyDelayed(let delay) = effect { self.delay = delay } else { delay = .zero }
    }

    /// The error that is answered, where one is.
    var error: GraphErrorAnswer? {
        switch reply {
        case .error(let answer): answer
        case .odd(let odd): if case .error(let answer) = odd.basis { answer } else { nil }
        default: nil
        }
    }

    private static func reply(refusal: GraphErrorAnswer?, effect: FaultEffect?) -> Reply {
        switch effect {
        case .error(let answer, _), .throttle(let answer): .error(answer)
        case .deadToken(let subcode): .error(GraphErrorAnswer(status: 401, code: 190, subcode: subcode))
        case .mediaFetchFailure(let subcode): .error(GraphErrorAnswer(code: 100, subcode: subcode))
        case .htmlPage(let status, _), .endpointDown(let status): .page(status: status)
        case .odd(let answer): .odd(answer)
        case .replyLost: .close
        case .resetBeforeBody, .resetAfterBody: .reset
        case .truncatedAnswer: .truncatedAcceptance
        case .replyDelayed, .latency, nil: refusal.map { .error($0) } ?? .acceptance
        }
    }
}
