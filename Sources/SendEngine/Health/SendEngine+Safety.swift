import Containers
internal import InstagramMessaging

/// How the safety valve and the accounts act on each other.
///
/// While it is shut, a hold or a dead token that came with the trouble proves nothing about when its account can call:
/// all such accounts may call again once the valve opens, so that none of their requests ends early because of it.
extension SendEngine {
    /// On command: calls go on at once, and the accounts that were given up with the trouble are tried again. If failures
    /// go on, calls stop again.
    package mutating func resume(now: EngineTime) {
        observe(now)
        let since = safety.troubleSince
        safety.open(now: clock.monotonic)
        if let since { tryAgain(givenUpSince: since) }
    }

    /// Takes a call's end into account.
    mutating func noteSafety(
        _ id: RecordID,
        account: String,
        person: String,
        _ outcome: CallOutcome,
        isOutdated: Bool
    ) -> SafetyValve.Change? {
        safety.ended(
            id,
            account: account,
            person: person,
            // A token that has changed since the call started says nothing of the present one.
            isOutdated ? .says(isAnswer: false) : outcome.safetyVerdict,
            error: outcome.error,
            maxInFlight: settings.maxInFlight,
            now: clock
        )
    }

    /// Whether the valve's opening lets an account call that may not now.
    func mayBeFreed(_ account: Int32) -> Bool {
        guard let since = safety.troubleSince else { return false }
        return accounts[account].health.wasGivenUp(since: since, at: clock.monotonic)
    }

    /// Lets the accounts call again, one call first, that were given up since a moment.
    mutating func tryAgain(givenUpSince since: Int64) {
        for account in 0..<accounts.places where accounts[account].isLive {
            if accounts[account].health.wasGivenUp(since: since, at: clock.monotonic) {
                free(account)
            } else {
                boundWait(of: idleRequests(of: account))
                endUnreachable(of: account)
            }
        }
    }

    private mutating func free(_ account: Int32) {
        let wasParked = accounts[account].health.isParked
        accounts[account].health.tryAgain(now: clock.monotonic)
        boundWait(of: idleRequests(of: account))
        if !wasParked { noteMemory(of: account) }
        reconsider(account)
    }

    // MARK: Probes

    /// When an account has to be found for the next probe; nil while none is needed or one is ready by itself.
    var probeSearchDue: Int64? {
        guard let due = safety.searchDue, !isSuspended, requests.count > 0, !hasFreshAccountInRing else { return nil }
        return due
    }

    private var hasFreshAccountInRing: Bool { ring.contains { !wasTried($0) } }

    private func wasTried(_ account: Int32) -> Bool { safety.triedBy.contains(accounts[account].id) }

    /// Frees one account that was given up for a probe, if none is ready: all may have been given up. They take turns.
    mutating func searchProbe() {
        guard let due = probeSearchDue, due <= clock.monotonic, let since = safety.troubleSince else { return }
        safety.searched(at: clock.monotonic)
        for _ in 0..<accounts.places {
            probeCursor = probeCursor + 1 < accounts.places ? probeCursor + 1 : 0
            let account = probeCursor
            guard accounts[account].isLive, accounts[account].requests > 0, !wasTried(account),
                accounts[account].health.wasGivenUp(since: since, at: clock.monotonic),
                AccountQueues.Kind.allCases.contains(where: { accounts[account].queues.first($0) != nil })
            else { continue }
            free(account)
            return
        }
    }

    /// The account whose turn it is: while the valve is shut, one that was not tried lately.
    mutating func takeTurn() -> Int32? {
        // Where all were tried they take turns.
        if safety.isShut, hasFreshAccountInRing {
            while let first = ring.first, wasTried(first) { ring.append(ring.removeFirst()) }
        }
        return ring.popFirst()
    }
}
