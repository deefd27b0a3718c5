import SendEngine

// MARK: - retry.*

extension WorkerConfiguration {
    /// The rules by which a request is tried again.
    package struct Retry: Sendable, Hashable {
        /// The defaults are the engine's.
        private static let engine = EngineSettings.RetrySettings()

        package var initialDelay = engine.initialDelay
        /// At least `initialDelay`.
        package var maxDelay = engine.maxDelay
        package var multiplier = engine.multiplier
        /// Calls for one request, the first one included.
        package var maxAttempts = engine.maxAttempts
        /// From the first call, without the time of holds, dead tokens and waits that Graph named.
        package var maxElapsed = engine.maxElapsed
        /// For holds and dead tokens, where a request has no deadline.
        package var maxHold = engine.maxHold
        /// Resends after unknown outcomes that nobody answered, for `at_least_once` requests.
        package var unknownResends = engine.unknownResends
        /// Resends after answers that say nothing, for `at_least_once` requests.
        package var answeredUnknownResends = engine.answeredUnknownResends

        /// The defaults.
        package init() {}
    }
}

extension ConfigurationKey {
    static let retry = [
        ConfigurationKey(
            "retry.initialDelay",
            \.retry.initialDelay,
            .duration(.milliseconds(1)...(.seconds(3600))),
            "the longest wait before the second call; waits are drawn at random from zero to this"
        ),
        ConfigurationKey(
            "retry.maxDelay",
            \.retry.maxDelay,
            .duration(.milliseconds(1)...(.seconds(86_400))),
            "what the longest wait grows to at most"
        ),
        ConfigurationKey(
            "retry.multiplier",
            \.retry.multiplier,
            .decimal(1...100),
            "what the longest wait is multiplied with after each call"
        ),
        ConfigurationKey(
            "retry.maxAttempts",
            \.retry.maxAttempts,
            .integer(1...1000),
            unit: "calls",
            "calls for one request, the first one included"
        ),
        ConfigurationKey(
            "retry.maxElapsed",
            \.retry.maxElapsed,
            .duration(.milliseconds(1)...(.seconds(30 * 86_400))),
            "how long after its first call a request is given up, not counting holds and waits that Graph named"
        ),
        ConfigurationKey(
            "retry.maxHold",
            \.retry.maxHold,
            .duration(.milliseconds(1)...(.seconds(30 * 86_400))),
            "how long a request without a deadline waits for a hold or a dead token to end"
        ),
        ConfigurationKey(
            "retry.unknownResends",
            \.retry.unknownResends,
            .integer(0...100),
            unit: "calls",
            "resends of one at_least_once request after what nobody answered: lost connections, time-outs, a proxy's errors"
        ),
        ConfigurationKey(
            "retry.answeredUnknownResends",
            \.retry.answeredUnknownResends,
            .integer(0...100),
            unit: "calls",
            "the same after answers that say nothing (codes -1, 1, 2, an odd 200), which often follow a delivery"
        ),
    ]
}

// MARK: - safety.*

extension WorkerConfiguration {
    /// The rules by which the worker stops calling because too many accounts cannot send.
    package struct Safety: Sendable, Hashable {
        /// The defaults are the engine's.
        private static let engine = EngineSettings.SafetySettings()

        package var enabled = engine.isEnabled
        /// The share of active accounts that have to fail; with a single one, of its last calls.
        package var threshold = engine.threshold
        /// For how long a call's end counts.
        package var window = engine.window
        /// Calls never stop before so many have ended within the window.
        package var minimumCalls = engine.minimumCalls

        /// The defaults.
        package init() {}
    }
}

extension ConfigurationKey {
    static let safety = [
        ConfigurationKey(
            "safety.enabled",
            \.safety.enabled,
            .boolean,
            "pause when so many accounts cannot send that they must share the cause, instead of failing every request"
        ),
        ConfigurationKey(
            "safety.threshold",
            \.safety.threshold,
            .decimal(0.01...1),
            "the share of active accounts (with one: of its last calls) that cannot send at which the worker pauses"
        ),
        ConfigurationKey(
            "safety.window",
            \.safety.window,
            .duration(.seconds(1)...(.seconds(3600))),
            "how long the end of a call counts; an account is active if one of its calls ended within it"
        ),
        ConfigurationKey(
            "safety.minimumCalls",
            \.safety.minimumCalls,
            .integer(1...10_000),
            unit: "calls",
            "the worker pauses once so many calls have ended within the window, or half as many accounts have failed and no other"
        ),
    ]
}
