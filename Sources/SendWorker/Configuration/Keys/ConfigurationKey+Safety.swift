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
