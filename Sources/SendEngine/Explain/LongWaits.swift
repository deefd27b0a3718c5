package import InstagramMessaging

/// A wait of more than a minute that has begun, or become longer: worth a line in the log.
package struct LongWait: Sendable, Hashable {
    /// The account that waits; nil where all do.
    package var accountID: String?
    package var reason: WaitingReason
    /// In monotonic nanoseconds.
    package var until: Int64
    /// The error that Graph answered with.
    package var cause: SendError?
}

/// The long waits that have not been reported yet.
struct LongWaits: Sendable {
    private static let shortest: Int64 = 60_000_000_000
    /// The end of a wait may move by so much without being a longer one.
    private static let grain: Int64 = 1_000_000_000

    private var waits: [LongWait] = []
    /// The end of the application's last long wait that was reported.
    private var applicationUntil = Int64.min

    /// Whether a wait is to be reported.
    ///
    /// - Parameter reported: The end of the one that was reported last.
    static func isNews(_ end: Int64, since reported: Int64, at now: Int64) -> Bool {
        end.saturatingSubtract(now) > shortest && end > reported.saturatingAdd(grain)
    }

    mutating func append(_ wait: LongWait) { waits.append(wait) }

    /// Notes what all accounts wait for now.
    mutating func note(_ graph: GraphHealth, at now: Int64) {
        guard Self.isNews(graph.coolUntil, since: applicationUntil, at: now) else { return }
        applicationUntil = graph.coolUntil
        append(LongWait(reason: .applicationCooling, until: graph.coolUntil, cause: graph.coolCause))
    }

    /// Notes that a conversation of an account waits, as Graph asked for.
    mutating func note(conversationOf account: String, until end: Int64, _ error: SendError?, at now: Int64) {
        guard Self.isNews(end, since: .min, at: now) else { return }
        append(LongWait(accountID: account, reason: .conversationCooling, until: end, cause: error))
    }

    mutating func removeAll() -> [LongWait] {
        defer { waits = [] }
        return waits
    }
}

extension SendEngine {
    /// The long waits that have begun since the last look.
    package mutating func takeLongWaits() -> [LongWait] { longWaits.removeAll() }

    /// Notes what an account, a feature of it, or the application waits for now.
    mutating func noteLongWaits(of account: Int32) {
        let now = clock.monotonic
        let id = conversations.accounts[account].id
        let health = gates[account].health
        let reported = conversations.accounts[account].reportedUntil
        if case .at(let end, let reason) = health.gate(at: now), LongWaits.isNews(end, since: reported, at: now) {
            conversations.noteReport(of: account, until: end)
            longWaits.append(LongWait(accountID: id, reason: reason, until: end, cause: health.cause(at: now)))
        }
        for (feature, hold) in health.features {
            let reported = conversations.accounts[account].reportedFeatures[feature] ?? .min
            guard LongWaits.isNews(hold.until, since: reported, at: now) else { continue }
            conversations.noteReport(of: account, feature, until: hold.until)
            let reason = WaitingReason.featureHeld(feature)
            longWaits.append(LongWait(accountID: id, reason: reason, until: hold.until, cause: hold.cause))
        }
        longWaits.note(gates.graph, at: now)
    }
}
