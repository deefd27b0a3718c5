internal import InstagramMessaging

/// The course of a request after a call, by the class of its outcome.
extension SendEngine {
    /// - Parameter othersWait: The account, the application or the feature waits because of the end, not this request alone.
    mutating func proceed(with slot: Int32, _ outcome: CallOutcome, othersWait: Bool) {
        let error = outcome.error ?? Self.unexplained
        switch outcome.outcomeClass {
        case .delivered: end(slot, .sent(outcome))
        case .refused: end(slot, .failed(error))
        case .unknown: proceedAfterUnknown(slot, outcome, error)
        case .notSent:
            // An outage is waited out, and what never began is no attempt: neither uses attempts up.
            if !graph.isDown, outcome.wasStarted { requests[slot].spent += 1 }
            retry(slot, outcome, error)
        case .mediaFetch:
            requests[slot].spent += 1
            requests[slot].mediaFailures += 1
            if requests[slot].mediaFailures > settings.retry.mediaFetchRetries {
                end(slot, .failed(error))
            } else {
                retry(slot, outcome, error)
            }
        case .alreadyAnswered:
            // One private reply per comment: the one that is there is this request's own if any is.
            end(slot, requests[slot].mayBeDelivered ? .sent(outcome) : .failed(error))
        case .throttled, .applicationThrottled:
            if othersWait { return requeue(slot, from: clock.monotonic) }
            // Only this request waits, or its conversation: it keeps its attempts.
            let delay = settings.retry.delay(afterAttempt: max(Int(requests[slot].attempts), 1), random: &random)
            requeue(slot, from: max(clock.monotonic.saturatingAdd(delay), waitAsNamed(slot, outcome)))
        case .accountHeld, .accountStopped, .tokenDead:
            // The account has to wait, not this request: it keeps its attempts and its place.
            requeue(slot, from: clock.monotonic)
        }
    }

    private mutating func proceedAfterUnknown(_ slot: Int32, _ outcome: CallOutcome, _ error: SendError) {
        if requests[slot].flags.contains(.idempotent) {
            if !graph.isDown { requests[slot].spent += 1 }
            retry(slot, outcome, error)
            return
        }
        requests[slot].spent += 1
        let isForbidden = requests[slot].flags.contains(.atMostOnce)
        if isForbidden || hasUsedUpResends(slot, isAnswered: outcome.isAnsweredUnknown) {
            end(slot, .failed(error))
        } else {
            retry(slot, outcome, error)
        }
    }

    /// Whether a request may not be sent again after one more unknown outcome of this sort. Those from before a takeover
    /// are of no known sort: they count in the sum alone.
    private func hasUsedUpResends(_ slot: Int32, isAnswered: Bool) -> Bool {
        let (all, answered) = (requests[slot].unknowns, requests[slot].answeredUnknowns)
        let (limit, answeredLimit) = (settings.retry.unknownResends, settings.retry.answeredUnknownResends)
        if isAnswered, answered > answeredLimit { return true }
        return all - answered > limit || all > limit + answeredLimit
    }

    /// Calls again after a random delay, if the request has tries left.
    private mutating func retry(_ slot: Int32, _ outcome: CallOutcome, _ error: SendError) {
        let spent = Int(requests[slot].spent)
        guard spent < max(settings.retry.maxAttempts, 1) else {
            end(slot, .failed(error))
            return
        }
        let now = clock.monotonic
        let delay = settings.retry.delay(afterAttempt: max(spent, 1), random: &random)
        let named = waitAsNamed(slot, outcome)
        requeue(slot, from: max(now.saturatingAdd(delay), named, graph.isDown ? now : budget.take(now: now)))
    }

    /// The end of the wait that Graph named for a request; that time does not count as its own trying.
    private mutating func waitAsNamed(_ slot: Int32, _ outcome: CallOutcome) -> Int64 {
        let now = clock.monotonic
        guard let end = namedEnd(of: outcome) else { return now }
        if requests[slot].firstCallAt != .never {
            requests[slot].firstCallAt = requests[slot].firstCallAt.saturatingAdd(end.saturatingSubtract(now))
        }
        noteLongWait(of: slot, until: end, outcome.error)
        return end
    }

    /// Puts a request back at the head of its lane, or ends it if it provably cannot be called in time.
    private mutating func requeue(_ slot: Int32, from due: Int64) {
        let lane = requests[slot].lane
        var soonest = max(due, graph.coolUntil)
        if let open = provablyClosed(slot) { soonest = max(soonest, open) }
        if requests[slot].deadline <= wallTime(at: soonest) {
            endLate(slot)
        } else if endOfElapsed(slot) <= soonest {
            giveUp(slot)
        } else {
            gauges.retries += 1
            keepDoubt(of: slot)
            if requests[slot].deadline < .never { deadlines.set(slot, to: requests[slot].deadline) }
            let end = endOfTrying(slot)
            if end < .never { ends.set(slot, to: end) }
            presentHead(of: lane, from: due)
        }
    }

    private static var unexplained: SendError {
        SendError(category: .graphError, message: "The call failed and nothing is known of the reason.")
    }
}

/// Keeps retries a share of the traffic: a retry takes a token, and tokens come with time and with first calls.
///
/// A retry that finds no token is told when its token comes, so that retries of an outage spread out instead of
/// arriving all at once.
struct RetryBudget: Sendable {
    private let share: Double
    private let perSecond: Double
    private let burst: Double
    /// Below zero where retries have been promised tokens to come.
    private var tokens: Double
    private var filledAt: Int64?

    init(_ settings: EngineSettings.RetrySettings) {
        share = max(settings.budgetShare, 0)
        perSecond = max(settings.budgetPerSecond, 0.001)
        burst = max(settings.budgetBurst, 1)
        tokens = burst
    }

    mutating func firstCall() { tokens = min(tokens + share, burst) }

    /// Takes a token; returns the moment from which it may be used.
    mutating func take(now: Int64) -> Int64 {
        if let filledAt, now > filledAt {
            tokens = min(tokens + Double(now.saturatingSubtract(filledAt)) / 1e9 * perSecond, burst)
        }
        filledAt = max(filledAt ?? now, now)
        tokens -= 1
        return tokens >= 0 ? now : now.saturatingAdd(Int64(saturating: -tokens / perSecond * 1e9))
    }
}

extension EngineSettings.RetrySettings {
    /// The delay before the retry that follows the n-th attempt: random between nothing and an upper end that grows
    /// exponentially (full jitter), so that requests which failed together do not come back together.
    ///
    /// - Parameter attempt: How many attempts have used up their try, from 1.
    func delay(afterAttempt attempt: Int, random: inout some RandomNumberGenerator) -> Int64 {
        Int64.random(in: 0...longestDelay(afterAttempt: attempt), using: &random)
    }

    /// The upper end that the delay is drawn from, in nanoseconds.
    func longestDelay(afterAttempt attempt: Int) -> Int64 {
        var longest = Double(max(initialDelay.nanoseconds, 0))
        let end = Double(max(maxDelay.nanoseconds, 0))
        var step = 1
        while step < attempt, longest < end, multiplier > 1 {
            longest *= multiplier
            step += 1
        }
        return Int64(saturating: min(longest, end))
    }
}
