internal import InstagramMessaging

/// The course of a request after a call, by the class of its outcome.
extension SendEngine {
    /// - Parameter othersWait: The account, the application or the feature waits because of the end, not this request alone.
    mutating func proceed(with slot: Int32, _ outcome: CallOutcome, othersWait: Bool) {
        let error = outcome.error ?? Self.unexplained
        switch outcome.outcomeClass {
        case .delivered: end(slot, delivered: outcome)
        case .refused: end(slot, .failed, error)
        case .unknown: proceedAfterUnknown(slot, outcome, error)
        case .notSent:
            // An outage is waited out, and what never began is no attempt: neither uses attempts up.
            if !gates.graph.isDown, outcome.wasStarted { conversations.spendTry(slot) }
            retry(slot, outcome, error)
        case .mediaFetch:
            conversations.spendTry(slot)
            conversations.mediaFailed(slot)
            if conversations.requests[slot].mediaFailures > settings.retry.mediaFetchRetries {
                end(slot, .failed, error)
            } else {
                retry(slot, outcome, error)
            }
        case .alreadyAnswered:
            // One private reply per comment: the one that is there is this request's own if any is.
            if conversations.requests[slot].mayBeDelivered {
                end(slot, delivered: outcome)
            } else {
                end(slot, .failed, error)
            }
        case .throttled, .applicationThrottled:
            if othersWait { return requeue(slot, from: clock.monotonic) }
            // Only this request waits, or its conversation: it keeps its attempts.
            let delay = delay(afterAttempt: Int(conversations.requests[slot].attempts))
            requeue(slot, from: max(clock.monotonic.saturatingAdd(delay), waitAsNamed(slot, outcome)))
        case .accountHeld, .accountStopped, .tokenDead:
            // The account has to wait, not this request: it keeps its attempts and its place.
            requeue(slot, from: clock.monotonic)
        }
    }

    private mutating func proceedAfterUnknown(_ slot: Int32, _ outcome: CallOutcome, _ error: SendError) {
        if conversations.requests[slot].flags.contains(.idempotent) {
            if !gates.graph.isDown { conversations.spendTry(slot) }
            retry(slot, outcome, error)
            return
        }
        conversations.spendTry(slot)
        let isForbidden = conversations.requests[slot].flags.contains(.atMostOnce)
        if isForbidden || hasUsedUpResends(slot, isAnswered: outcome.isAnsweredUnknown) {
            end(slot, .failed, error)
        } else {
            retry(slot, outcome, error)
        }
    }

    /// Whether a request may not be sent again after one more unknown outcome of this sort. Those from before a takeover
    /// are of no known sort: they count in the sum alone.
    private func hasUsedUpResends(_ slot: Int32, isAnswered: Bool) -> Bool {
        let (all, answered) = (conversations.requests[slot].unknowns, conversations.requests[slot].answeredUnknowns)
        let (limit, answeredLimit) = (settings.retry.unknownResends, settings.retry.answeredUnknownResends)
        if isAnswered, answered > answeredLimit { return true }
        return all - answered > limit || all > limit + answeredLimit
    }

    /// Calls again after a random delay, if the request has tries left.
    private mutating func retry(_ slot: Int32, _ outcome: CallOutcome, _ error: SendError) {
        let spent = Int(conversations.requests[slot].spent)
        guard spent < max(settings.retry.maxAttempts, 1) else {
            end(slot, .failed, error)
            return
        }
        let now = clock.monotonic
        let delay = delay(afterAttempt: spent)
        let named = waitAsNamed(slot, outcome)
        requeue(slot, from: max(now.saturatingAdd(delay), named, gates.takeRetry(at: now)))
    }

    /// The end of the wait that Graph named for a request; that time does not count as its own trying.
    private mutating func waitAsNamed(_ slot: Int32, _ outcome: CallOutcome) -> Int64 {
        let now = clock.monotonic
        guard let end = settings.health.namedEnd(of: outcome, now: now) else { return now }
        conversations.addWait(slot, of: end.saturatingSubtract(now))
        longWaits.note(conversationOf: gates[account(of: slot)].id, until: end, outcome.error, at: now)
        return end
    }

    /// Puts a request back at the head of its lane, or ends it if it provably cannot be called in time.
    private mutating func requeue(_ slot: Int32, from due: Int64) {
        var soonest = max(due, gates.graph.coolUntil)
        if let open = opening(of: slot) { soonest = max(soonest, open) }
        if conversations.requests[slot].deadline <= clock.wall(at: soonest) {
            endLate(slot)
        } else if endOfElapsed(slot) <= soonest {
            giveUp(slot)
        } else {
            totals.retries += 1
            keepDoubt(of: slot)
            conversations.watchDeadline(of: slot)
            conversations.watchEnd(of: slot, at: endOfTrying(slot))
            presentHead(of: conversations.requests[slot].lane, from: due)
        }
    }

    private mutating func delay(afterAttempt attempt: Int) -> Int64 {
        settings.retry.delay(afterAttempt: max(attempt, 1), random: &random)
    }

    private static var unexplained: SendError {
        SendError(category: .graphError, message: "The call failed and nothing is known of the reason.")
    }
}
