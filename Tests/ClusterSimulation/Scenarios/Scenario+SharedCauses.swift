/// The scenarios in which something breaks that all accounts share: with the safety valve, and without.
extension Scenario {
    private static let tenMinutes = (from: 2 * Span.minute, until: 12 * Span.minute)

    static let sharedCauses: [Scenario] = [true, false].flatMap { hasSafetyValve -> [Scenario] in
        let valve = hasSafetyValve ? "with the safety valve" : "without the safety valve"
        return [
            Scenario(
                name: "the application is deactivated for 10 minutes, \(valve)",
                question: "How many requests end as dead letters, and how soon does sending go on?",
                length: 20 * Span.minute,
                troubles: [trouble(.permissionMissing)],
                hasSafetyValve: hasSafetyValve
            ),
            Scenario(
                name: "the version of the API is refused for 10 minutes, \(valve)",
                question: "Every call is refused for good: how much of the topic ends as dead letters?",
                length: 20 * Span.minute,
                troubles: [trouble(.refused)],
                hasSafetyValve: hasSafetyValve
            ),
            Scenario(
                name: "the wrong tokens are deployed for 20 minutes, \(valve)",
                question: "The worker waits longer for a token than retry.maxElapsed: what is left of the requests?",
                length: 25 * Span.minute,
                troubles: [
                    Trouble(
                        from: 2 * Span.minute,
                        until: 22 * Span.minute,
                        accounts: [],
                        answer: .tokenDead,
                        endsWithNewToken: true
                    )
                ],
                hasSafetyValve: hasSafetyValve
            ),
        ]
    }

    private static func trouble(_ answer: Answer) -> Trouble {
        Trouble(from: tenMinutes.from, until: tenMinutes.until, accounts: [], answer: answer)
    }
}
