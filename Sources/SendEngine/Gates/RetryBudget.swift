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
