extension CallOutcome {
    private static let longestMessage = 500

    /// No byte of the request reached the socket: the name did not resolve, the connection or TLS failed, or no
    /// connection was free in time.
    ///
    /// - Parameters:
    ///   - message: What happened, in one sentence; it is cleaned and what looks like a token is redacted.
    ///   - category: `.endpointUnavailable` or `.timeout`.
    public static func notSent(_ message: String, category: ErrorCategory) -> CallOutcome {
        withoutAnswer(.notSent, message, category)
    }

    /// Bytes were written and no usable answer came: a timeout, a reset, an answer that was cut off.
    ///
    /// - Parameters:
    ///   - message: What happened, in one sentence; it is cleaned and what looks like a token is redacted.
    ///   - category: `.endpointUnavailable` or `.timeout`.
    public static func unknown(_ message: String, category: ErrorCategory) -> CallOutcome {
        withoutAnswer(.unknown, message, category)
    }

    /// There is no token for the account, so no call was started and none is counted.
    public static func missingToken(accountID: String) -> CallOutcome {
        var outcome = withoutAnswer(.tokenDead, "no access token is known for account \(accountID)", .token)
        outcome.wasStarted = false
        return outcome
    }

    private static func withoutAnswer(
        _ outcomeClass: OutcomeClass,
        _ message: String,
        _ category: ErrorCategory
    ) -> CallOutcome {
        let cleaned = SafeText.cleaned(message, limit: longestMessage)
        return CallOutcome(outcomeClass: outcomeClass, error: SendError(category: category, message: cleaned))
    }
}
