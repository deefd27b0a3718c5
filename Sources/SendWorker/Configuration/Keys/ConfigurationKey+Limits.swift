extension ConfigurationKey {
    /// What a limit may be, for all accounts and for one.
    static let limit = ValueFormat<Int>.integer(1...1_000_000)

    static let limits = [
        ConfigurationKey(
            "limits.messagesPerSecond",
            \.limits.messagesPerSecond,
            limit,
            unit: "calls per second",
            "per account: text, links, reactions, stickers, templates, images, shares"
        ),
        ConfigurationKey(
            "limits.mediaPerSecond",
            \.limits.mediaPerSecond,
            limit,
            unit: "calls per second",
            "per account: audio and video"
        ),
        ConfigurationKey(
            "limits.privateRepliesPerHour",
            \.limits.privateRepliesPerHour,
            limit,
            unit: "calls per hour",
            "per account: private replies to comments"
        ),
    ]

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
