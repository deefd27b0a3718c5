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
