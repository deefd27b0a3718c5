import InstagramMessaging
import SendEngine

/// From the empty engine to the full one.
extension EngineLoad {
    private static let blocks: [CallOutcome] = [
        CallOutcome(
            outcomeClass: .throttled,
            error: SendError(category: .throttled, message: "Too many calls.", httpStatus: 400, code: 613),
            retryAfterMilliseconds: 86_400_000
        ),
        CallOutcome(
            outcomeClass: .accountHeld,
            error: SendError(
                category: .policy,
                message: "Blocked for a while.",
                httpStatus: 400,
                code: 368
            )
        ),
        CallOutcome(
            outcomeClass: .tokenDead,
            error: SendError(
                category: .token,
                message: "The session has expired.",
                httpStatus: 400,
                code: 190
            )
        ),
    ]

    private static let kinds: [EventKind] = [.callThrottled, .callHeld, .callTokenDead]

    /// Accepts all requests that are to wait. Those of the accounts that are to be blocked come first, one each, and
    /// their calls end with what blocks the account.
    mutating func fill() {
        block()
        var accepted = 0
        let blocked = scenario.accounts - openAccounts
        while accepted < scenario.waiting {
            let account = accepted % scenario.accounts
            let isFirst = accepted < scenario.accounts
            if !(isFirst && blocked > 0 && scenario.isBlocked(account)) {
                let kind: EventKind = scenario.isBlocked(account) ? .acceptBlocked : .acceptFilling
                accept(account, ordinal: accepted, as: kind)
            }
            accepted += 1
        }
    }

    mutating func accept(_ account: Int, ordinal: Int, as kind: EventKind) {
        accept(account, in: scenario.partition(of: account, ordinal: ordinal), as: kind)
    }

    mutating func accept(_ account: Int, in partition: Int32, as kind: EventKind) {
        let request = nextRequest(of: account, in: partition)
        let now = now
        let start = meter.start()
        engine.accept(request, now: now)
        meter.end(kind, since: start)
    }

    private mutating func block() {
        let blocked = (0..<scenario.accounts).filter { scenario.isBlocked($0) }
        for (position, account) in blocked.enumerated() {
            engine.accept(
                nextRequest(of: account, in: scenario.partition(of: account, ordinal: position)),
                now: now
            )
        }
        var ended = 0
        while ended < blocked.count {
            let calls = Self.calls(in: engine.takeActions())
            guard !calls.isEmpty else { break }
            nanoseconds += 1_000_000
            for call in calls {
                engine.callEnded(call, Self.blocks[account(of: call) % Self.blocks.count], now: now)
                ended += 1
            }
        }
        commitAll()
    }

    /// Ends all calls that run with what blocks their accounts, measures it, and changes the tokens found dead. The
    /// engine is not what it was after that.
    mutating func blockRunning() {
        nanoseconds += stepNanoseconds
        let now = now
        var withoutToken: Set<Int> = []
        for call in running {
            let account = account(of: call)
            let which = account % Self.blocks.count
            if Self.kinds[which] == .callTokenDead { withoutToken.insert(account) }
            let start = meter.start()
            engine.callEnded(call, Self.blocks[which], now: now)
            meter.end(Self.kinds[which], since: start)
        }
        running = []
        for account in withoutToken.sorted() {
            let ids = [accountID(account)]
            let start = meter.start()
            engine.tokensChanged(ids, now: now)
            meter.end(.tokensChanged, since: start)
        }
    }

    /// Asks for the accounts that wait, as the status page does once a second.
    mutating func lookAtWaitingAccounts() {
        for _ in 0..<20 {
            let start = meter.start()
            let shown = engine.waitingAccounts(limit: 50)
            meter.end(.waitingAccounts, since: start)
            meter.count(.waitingAccounts, items: shown.count)
        }
    }

    private mutating func commitAll() {
        while let batch = engine.takeCommit() { engine.commitSucceeded(batch.number, now: now) }
    }

    static func calls(in actions: [EngineAction]) -> [RecordID] {
        actions.compactMap { action in
            if case .call(let id, _) = action { id } else { nil }
        }
    }
}
