internal import InstagramMessaging

/// The model's Graph: the only one who knows what was delivered. It enforces the limits with code of its own.
final class GraphModel {
    private struct Account {
        var limits = CallLimits()
        var throttledUntil = Int64.min
        var heldUntil = Int64.min
        var stoppedUntil = Int64.min
        var blockedUntil: [MessageFeature: Int64] = [:]
        var personsUntil: [String: Int64] = [:]
        /// The token does not work until it is replaced.
        var isTokenDead = false
    }

    private(set) var calls: [GraphCall] = []
    private(set) var breaches: [String] = []
    var scopes = ScopeWatch()
    private var accounts: [String: Account] = [:]
    private var applicationThrottledUntil = Int64.min
    private var outageUntil = Int64.min
    private var inactiveUntil = Int64.min
    private let plan: RunPlan
    private let timeline: Timeline
    private let faults: FaultSource
    private var random: SeededRandom
    /// Told when an account's token has stopped working; somebody has to replace it.
    var onTokenDeath: (String) -> Void = { _ in }

    init(_ plan: RunPlan, timeline: Timeline, faults: FaultSource, random: SeededRandom) {
        self.plan = plan
        self.timeline = timeline
        self.faults = faults
        self.random = random
    }

    func replaceToken(of account: String) { accounts[account]?.isTokenDead = false }

    func goDown(for length: Int64) { outageUntil = max(outageUntil, timeline.now + length) }

    /// The application that all accounts share is switched off.
    func deactivate(for length: Int64) { inactiveUntil = max(inactiveUntil, timeline.now + length) }

    /// - Parameter isOwner: Whether the caller still owns the partition in the assignment that the call was made for.
    func told(_ number: Int, _ outcome: CallOutcome, isOwner: Bool) {
        if isOwner { scopes.told(calls[number], outcome, at: timeline.now) }
        calls[number].toldAt = timeline.now
        calls[number].toldClass = outcome.outcomeClass
        calls[number].isAnsweredWithCode = outcome.error?.code != nil
    }

    func remembered(_ account: String, by caller: String, takenAt moment: Int64) {
        scopes.remembered(account, by: caller, takenAt: moment)
    }

    /// A call starts; its caller is told the end with `answer`, unless it has died by then.
    func call(
        _ request: ModelRequest,
        caller: String,
        epoch: UInt64,
        answer: @escaping (_ number: Int, CallOutcome) -> Void
    ) {
        let number = calls.count
        let call = GraphCall(number: number, request: request, caller: caller, epoch: epoch, startedAt: timeline.now)
        calls.append(call)
        scopes.begins(call)
        let isDown = outageUntil > timeline.now && random.chance(50)
        if isDown || faults.happens(.connectionRefused) {
            let outcome = CallOutcome.notSent("The connection was refused.", category: .endpointUnavailable)
            timeline.after(random.span(0...20 * Span.millisecond)) { answer(number, outcome) }
            return
        }
        let limit = timeline.now + plan.responseTimeout
        if faults.happens(.requestLost) {
            fail(number, no: limit, answer)
            return
        }
        let transit = random.span(Span.millisecond...RunPlan.longestTransit)
        timeline.after(transit) { [self] in arrive(number, limit: limit, answer) }
    }

    private func arrive(_ number: Int, limit: Int64, _ answer: @escaping (Int, CallOutcome) -> Void) {
        calls[number].arrivedAt = timeline.now
        let outcome = handle(number)
        if faults.happens(.replyLost) {
            fail(number, no: limit, answer)
            return
        }
        let isSlow = faults.happens(.slowReply)
        let delay = random.span(Span.millisecond...(isSlow ? 2 * plan.responseTimeout : 200 * Span.millisecond))
        if timeline.now + delay < limit {
            timeline.after(delay) { answer(number, outcome) }
        } else {
            let late = CallOutcome.unknown("No answer in time.", category: .timeout)
            timeline.at(limit) { answer(number, late) }
        }
    }

    /// Bytes were written and no answer comes: the connection is reset, or the time is up.
    private func fail(_ number: Int, no limit: Int64, _ answer: @escaping (Int, CallOutcome) -> Void) {
        let isReset = random.chance(50)
        let moment = isReset ? min(timeline.now + random.span(0...Span.second), limit) : limit
        let outcome = CallOutcome.unknown("The connection was reset.", category: .timeout)
        timeline.at(moment) { answer(number, outcome) }
    }

    // MARK: What Graph does with a call that reached it

    private func handle(_ number: Int) -> CallOutcome {
        let request = calls[number].request
        let now = timeline.now
        let broken = accounts[request.account, default: Account()].limits.arrived(request, at: now, plan)
        for limit in broken {
            breaches.append("\(request.key) of account \(request.account) is above its limit of \(limit) at \(now) ns")
        }
        if let refusal = refusal(of: request) { return refusal }
        if faults.happens(.serverError) { return unavailable(status: 503) }
        calls[number].isDelivered = true
        if faults.happens(.failsAfterDelivery) { return unavailable(status: 500) }
        var outcome = CallOutcome(
            outcomeClass: .delivered,
            error: nil,
            messageID: request.isIdempotent ? nil : "mid.\(number)"
        )
        if faults.happens(.usageReport) {
            outcome.usage = UsageReport(
                highestPercent: random.number(0...100),
                regainMinutes: random.chance(10) ? 1 : nil
            )
        }
        return outcome
    }

    private func refusal(of request: ModelRequest) -> CallOutcome? {
        let now = timeline.now
        startTrouble(of: request)
        let account = accounts[request.account] ?? Account()
        if outageUntil > now { return unavailable(status: 500) }
        if inactiveUntil > now { return bad(.accountStopped, .permission) }
        if account.isTokenDead { return bad(.tokenDead, .token) }
        if account.heldUntil > now { return bad(.accountHeld, .policy) }
        if account.stoppedUntil > now { return bad(.accountStopped, .permission) }
        if applicationThrottledUntil > now { return bad(.applicationThrottled, .throttled) }
        if account.throttledUntil > now { return bad(.throttled, .throttled) }
        if account.blockedUntil[request.feature] ?? .min > now {
            return bad(.refused, .permission, .feature, needsRepetition: true)
        }
        if account.personsUntil[request.conversation] ?? .min > now { return bad(.throttled, .throttled, .person) }
        if request.rateClass == .media, faults.happens(.mediaFailure) { return bad(.mediaFetch, .media) }
        return faults.happens(.refused) ? bad(.refused, .recipientUnavailable, .person) : nil
    }

    private func startTrouble(of request: ModelRequest) {
        let now = timeline.now
        if faults.happens(.tokenDies), accounts[request.account]?.isTokenDead == false {
            accounts[request.account]?.isTokenDead = true
            onTokenDeath(request.account)
        }
        if faults.happens(.accountHeld) {
            accounts[request.account]?.heldUntil = now + random.span(0...30 * Span.second)
        }
        if faults.happens(.accountStopped) {
            accounts[request.account]?.stoppedUntil = now + random.span(0...30 * Span.second)
        }
        if faults.happens(.featureBlocked) {
            accounts[request.account]?.blockedUntil[request.feature] = now + random.span(0...30 * Span.second)
        }
        if faults.happens(.personThrottled) {
            accounts[request.account]?.personsUntil[request.conversation] = now + random.span(0...5 * Span.second)
        }
        if faults.happens(.throttle) {
            accounts[request.account]?.throttledUntil = now + random.span(0...5 * Span.second)
        }
        if faults.happens(.applicationThrottle) { applicationThrottledUntil = now + random.span(0...3 * Span.second) }
    }

    private func bad(
        _ outcomeClass: OutcomeClass,
        _ category: ErrorCategory,
        _ scope: ErrorScope? = nil,
        needsRepetition: Bool = false
    ) -> CallOutcome {
        CallOutcome(
            outcomeClass: outcomeClass,
            error: SendError(category: category, message: "Graph said no.", httpStatus: 400),
            retryAfterMilliseconds: outcomeClass == .throttled && random.chance(30) ? 3_000 : nil,
            scope: scope,
            needsRepetition: needsRepetition
        )
    }

    /// Something failed on the way to Graph, or in Graph itself, which says so with its code 2.
    private func unavailable(status: Int) -> CallOutcome {
        CallOutcome(
            outcomeClass: .unknown,
            error: SendError(
                category: .graphError,
                message: "Graph failed.",
                httpStatus: status,
                code: random.chance(30) ? 2 : nil
            )
        )
    }
}
