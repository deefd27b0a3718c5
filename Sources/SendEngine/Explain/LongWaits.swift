package import InstagramMessaging

/// A wait of more than a minute that has begun, or become longer: worth a line in the log.
package struct LongWait: Sendable, Hashable {
    /// The account that waits; nil where all do.
    package var accountID: String?
    package var reason: WaitingReason
    /// In monotonic nanoseconds.
    package var until: Int64
    /// What Graph said.
    package var cause: SendError?
}

extension SendEngine {
    private static var shortest: Int64 { 60_000_000_000 }
    /// The end of a wait may move by so much without being a longer one.
    private static var grain: Int64 { 1_000_000_000 }

    /// The long waits that have begun since the last look.
    package mutating func takeLongWaits() -> [LongWait] {
        defer { longWaits = [] }
        return longWaits
    }

    /// Takes note of what an account, a feature of it, or the application waits for now.
    mutating func noteLongWaits(of slot: Int32) {
        let now = clock.monotonic
        let id = accounts[slot].id
        let health = accounts[slot].health
        if case .until(let end, let reason) = health.gate(at: now), isLonger(end, than: accounts[slot].toldUntil) {
            accounts[slot].toldUntil = end
            let cause = health.cause(at: now)
            longWaits.append(LongWait(accountID: id, reason: reason, until: end, cause: cause))
        }
        for (feature, hold) in health.features where isLonger(hold.until, than: accounts[slot].toldFeatures[feature]) {
            accounts[slot].toldFeatures[feature] = hold.until
            let reason = WaitingReason.featureHeld(feature)
            longWaits.append(LongWait(accountID: id, reason: reason, until: hold.until, cause: hold.cause))
        }
        noteLongWaitOfAll()
    }

    /// Takes note of what all accounts wait for now.
    mutating func noteLongWaitOfAll() {
        guard isLonger(graph.coolUntil, than: toldUntil) else { return }
        toldUntil = graph.coolUntil
        longWaits.append(LongWait(reason: .applicationCooling, until: graph.coolUntil, cause: graph.coolCause))
    }

    /// Takes note of a request whose conversation waits, as Graph asked for.
    mutating func noteLongWait(of request: Int32, until end: Int64, _ error: SendError?) {
        guard isLonger(end, than: nil) else { return }
        let id = accounts[lanes[requests[request].lane].account].id
        longWaits.append(LongWait(accountID: id, reason: .conversationCooling, until: end, cause: error))
    }

    private func isLonger(_ end: Int64, than told: Int64?) -> Bool {
        end.saturatingSubtract(clock.monotonic) > Self.shortest && end > (told ?? .min).saturatingAdd(Self.grain)
    }
}
