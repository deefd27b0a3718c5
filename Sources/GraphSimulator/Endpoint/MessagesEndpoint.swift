import InstagramMessaging

/// Graph's messages endpoint as a state machine: it has no clock and no socket. Moments come in, replies go out.
struct MessagesEndpoint {
    /// Accounts remembered before idle ones are forgotten.
    private static let rememberedAccounts = 50_000
    /// Comments remembered for "one private reply per comment"; the account's and the comment's id together.
    private static let rememberedComments = 200_000

    let configuration: SimulatorConfiguration
    var faults: FaultBook
    private(set) var log: CallLog
    private var accounts: [String: AccountMeter] = [:]
    private var accountsBeforeForgetting = rememberedAccounts
    private var repliedComments: Set<Conversation> = []
    private var identifiers: IdentifierSource
    /// The tokens that are accepted now, and when each refreshed one was issued, in nanoseconds.
    var tokens: TokenPolicy
    var issued: [String: Int64] = [:]

    init(configuration: SimulatorConfiguration) {
        self.configuration = configuration
        faults = FaultBook(seed: configuration.seed)
        log = CallLog(capacity: configuration.callLogCapacity)
        identifiers = IdentifierSource(seed: configuration.seed)
        tokens = configuration.tokens
    }

    /// Tells of a call whose head has arrived. Returns its number, or nil where the connection is to be reset now.
    mutating func begin(accountID: String, at arrival: Moment) -> UInt64? {
        forgetIdleAccounts(at: arrival.nanoseconds)
        let limits = configuration.limits
        let number = accounts[accountID, default: AccountMeter(limits: limits)].begin(at: arrival.nanoseconds)
        let resets = faults.resetsBeforeBody(accountID: accountID, call: number, now: arrival.nanoseconds)
        guard resets else { return number }
        log.append(CallRecord(accountID: accountID, arrival: arrival, fault: FaultEffect.resetBeforeBody.name))
        return nil
    }

    /// Decides about a call that was read to its end, and logs it.
    mutating func finish(_ request: MessagesRequest) -> EndpointReply {
        let now = request.arrival.nanoseconds
        let limits = configuration.limits
        let isWithinLimit = accounts[request.accountID, default: AccountMeter(limits: limits)]
            .count(request.call.rateClass, at: now)
        let refusal = refusal(of: request, isWithinLimit: isWithinLimit)
        let choice = faults.choose(
            for: FaultBook.Subject(
                accountID: request.accountID,
                recipient: request.call.recipient,
                call: request.number,
                isAcceptable: refusal == nil,
                refersToMedia: request.call.refersToMedia
            ),
            now: now
        )
        let verdict = Verdict(refusal: refusal, effect: choice.effect)
        let action = action(for: verdict, request: request)
        let delay = choice.delay + verdict.delay
        log.append(
            CallRecord(
                request: request,
                verdict: verdict,
                delay: delay,
                isOverLimit: !isWithinLimit,
                status: action.status
            )
        )
        return EndpointReply(action: action, delay: delay)
    }

    /// Forgets everything but the configuration.
    mutating func reset() {
        self = MessagesEndpoint(configuration: configuration)
    }

    /// Another trace id, for answers that are given without a call.
    mutating func nextTraceID() -> String { identifiers.nextTraceID() }
}

extension MessagesEndpoint {
    /// The error that Graph would refuse the call with; nil where it would take it.
    private func refusal(of request: MessagesRequest, isWithinLimit: Bool) -> GraphErrorAnswer? {
        guard tokens.accepts(request.token, for: request.accountID) else {
            return GraphErrorAnswer(status: 401, code: 190)
        }
        if let refusal = configuration.appSecret?.refusal(of: request.proof, for: request.token) { return refusal }
        guard isWithinLimit else {
            var answer = configuration.throttleAnswer
            let meter = accounts[request.accountID]
            let wait = meter?.regainMinutes(of: request.call.rateClass, at: request.arrival.nanoseconds) ?? 0
            answer.regainMinutes = answer.regainMinutes.map { max($0, wait) }
            return answer
        }
        if let refusal = request.call.refusal { return refusal }
        let isRepeated = request.conversation.map(repliedComments.contains) ?? false
        if request.call.isPrivateReply, configuration.allowsOnePrivateReplyPerComment, isRepeated {
            return GraphErrorAnswer(code: 10_900)
        }
        return nil
    }

    private mutating func action(for verdict: Verdict, request: MessagesRequest) -> EndpointReply.Action {
        let acceptance = verdict.accepts ? accept(request) : nil
        switch verdict.reply {
        case .acceptance, .truncatedAcceptance:
            guard let acceptance else { return .close }
            let answer = verdict.reply == .acceptance ? acceptance : acceptance.truncated
            return .answer(withUsage(answer, for: request, error: nil))
        case .error(let error):
            let answer = HTTPAnswer.error(error, traceID: identifiers.nextTraceID())
            return .answer(withUsage(answer, for: request, error: error))
        case .page(let status): return .answer(.htmlPage(status: status))
        case .odd(let odd): return .answer(answer(odd, acceptance, to: request))
        case .close: return .close
        case .reset: return .reset
        }
    }

    private mutating func answer(_ odd: OddAnswer, _ acceptance: HTTPAnswer?, to request: MessagesRequest) -> HTTPAnswer
    {
        var plain: HTTPAnswer
        switch odd.basis {
        case .acceptance: plain = acceptance ?? .htmlPage(status: 500)
        case .error(let error):
            plain = withUsage(.error(error, traceID: identifiers.nextTraceID()), for: request, error: error)
        case .page(let status, let seconds):
            plain = .htmlPage(status: status)
            plain.headers["Retry-After"] = seconds.map(String.init)
        }
        return plain.made(odd)
    }

    private mutating func accept(_ request: MessagesRequest) -> HTTPAnswer {
        let call = request.call
        let recipient = call.recipient ?? ""
        guard call.isPrivateReply else {
            return .accepted(
                recipientID: recipient,
                messageID: call.isSenderAction ? nil : identifiers.nextMessageID(),
                attachmentID: call.keepsUpload ? identifiers.nextAttachmentID() : nil
            )
        }
        if let conversation = request.conversation {
            if repliedComments.count >= Self.rememberedComments { repliedComments.removeAll() }
            repliedComments.insert(conversation)
        }
        return .accepted(
            recipientID: IdentifierSource.personID(ofComment: recipient),
            messageID: identifiers.nextMessageID(),
            attachmentID: call.keepsUpload ? identifiers.nextAttachmentID() : nil
        )
    }

    private func withUsage(_ answer: HTTPAnswer, for request: MessagesRequest, error: GraphErrorAnswer?) -> HTTPAnswer {
        guard configuration.sendsUsageHeaders || error?.regainMinutes != nil else { return answer }
        let used =
            accounts[request.accountID]?
            .percentUsed(of: request.call.rateClass, at: request.arrival.nanoseconds) ?? 0
        let isThrottled = error?.regainMinutes != nil
        let isOfApplication = isThrottled && (error.map { [4, 341].contains($0.code) && $0.subcode == nil } ?? false)
        let isOfAccount = isThrottled && !isOfApplication
        return answer.withUsage(
            ofApplication: isOfApplication ? 100 : configuration.sendsUsageHeaders ? min(used, 50) : 0
        )
        .withUsage(
            accountID: request.accountID,
            percent: isOfAccount ? max(used, 100) : used,
            regainMinutes: error?.regainMinutes ?? 0
        )
    }

    /// Keeps memory bounded: an account that has been quiet for an hour has no window left to remember.
    private mutating func forgetIdleAccounts(at now: Int64) {
        guard accounts.count > accountsBeforeForgetting else { return }
        accounts = accounts.filter { now - $0.value.lastArrival < 3_600_000_000_000 }
        accountsBeforeForgetting = max(Self.rememberedAccounts, accounts.count * 2)
    }
}

/// The fate of a call: Graph's own refusal and a fault brought together.
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
    /// The time that the effect adds to the delay.
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
