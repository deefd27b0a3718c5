internal import InstagramMessaging
internal import SendEngine

/// Judges by Graph's own answers whom replicas let wait, and for how long. Shares no rule with the engine but what the
/// guides promise.
struct ScopeWatch {
    private struct Account {
        var holds = 0
        var throttles = 0
        var usageReports = 0
        var refusals: [MessageFeature: Int] = [:]
        /// The longest wait that throttles without a named time justify by now.
        var wait = Span.second
        var isDelivered = true
        var lastThrottle = Int64.min
        /// Waits that Graph named, or that high usage asks for, last until then.
        var namedUntil = Int64.min
        var hold: Hold?
    }

    /// A first hold, and whether it is durable.
    private struct Hold {
        var toldAt: Int64
        var caller: String
        var isRemembered = false
    }

    /// The number of refusals in a row before a feature is held.
    private static let refusalsInARow = 3

    private(set) var violations: [String] = []
    private var accounts: [String: Account] = [:]

    /// An owner of the account's partition was told how a call ended.
    mutating func told(_ call: GraphCall, _ outcome: CallOutcome, at now: Int64) {
        var account = accounts[call.request.account] ?? Account()
        defer { accounts[call.request.account] = account }
        if let usage = outcome.usage {
            account.usageReports += 1
            let length = max(Int64(usage.regainMinutes ?? 0) * Span.minute, 5 * Span.second)
            account.namedUntil = max(account.namedUntil, now + length)
        }
        switch (outcome.outcomeClass, outcome.scope) {
        case (.delivered, _):
            // One that started before the wait was over shows nothing of how things are after it.
            if account.lastThrottle == .min || call.startedAt >= account.lastThrottle + account.wait {
                account.isDelivered = true
            }
        case (.accountHeld, .account), (.accountStopped, .account): noteHold(&account, of: call.caller, at: now)
        case (.throttled, .account): noteThrottle(&account, call, outcome, at: now)
        case (.refused, .feature): account.refusals[call.request.feature, default: 0] += 1
        default: break
        }
    }

    private func noteHold(_ account: inout Account, of caller: String, at now: Int64) {
        account.holds += 1
        if account.hold.map({ $0.toldAt + RunPlan.hold <= now }) ?? true {
            account.hold = Hold(toldAt: now, caller: caller)
        }
    }

    private func noteThrottle(_ account: inout Account, _ call: GraphCall, _ outcome: CallOutcome, at now: Int64) {
        account.throttles += 1
        if let named = outcome.retryAfterMilliseconds {
            account.namedUntil = max(account.namedUntil, now + named * Span.millisecond)
        }
        guard account.lastThrottle == .min || call.startedAt >= account.lastThrottle + account.wait else { return }
        if account.lastThrottle != .min, !account.isDelivered { account.wait = min(2 * account.wait, Span.minute) }
        account.isDelivered = false
        account.lastThrottle = now
    }

    /// A replica has made durable what it remembers of an account, as it was at a moment.
    mutating func remembered(_ account: String, by caller: String, takenAt moment: Int64) {
        guard let hold = accounts[account]?.hold, hold.caller == caller, hold.toldAt <= moment else { return }
        accounts[account]?.hold?.isRemembered = true
    }

    /// A call of an account begins.
    mutating func begins(_ call: GraphCall) {
        guard let hold = accounts[call.request.account]?.hold, hold.isRemembered, hold.caller != call.caller,
            call.startedAt > hold.toldAt, call.startedAt < hold.toldAt + RunPlan.hold - Span.second
        else { return }
        violations.append(
            "\(call.request.key) is called by \(call.caller) though \(hold.caller) was told to hold its account"
        )
    }

    /// Somebody looks at why a replica lets an account wait.
    mutating func explained(_ explanation: AccountExplanation, by replica: String, now: Int64, checksTimes: Bool) {
        let account = accounts[explanation.accountID] ?? Account()
        func violated(_ text: String) {
            violations.append("\(replica) lets account \(explanation.accountID) wait: \(text)")
        }
        switch explanation.reason {
        case .held, .stopped: if account.holds == 0 { violated("held, and no answer was about the account") }
        case .cooling:
            if account.throttles + account.usageReports == 0 { violated("throttled, and no answer said so") }
        default: break
        }
        for hold in explanation.heldFeatures where account.refusals[hold.feature, default: 0] < Self.refusalsInARow {
            violated("\(hold.feature.rawValue) held after \(account.refusals[hold.feature, default: 0]) refusals")
        }
        if checksTimes, explanation.reason == .cooling, account.namedUntil < now, let due = explanation.nextDue,
            due - now > account.wait + Span.second
        {
            violated(
                "throttled for \((due - now) / Span.millisecond) ms, \(account.wait / Span.millisecond) are enough"
            )
        }
    }
}
