internal import InstagramMessaging

/// A situation that people ask about, played through on virtual time with one worker and many accounts.
package struct Scenario: Sendable {
    /// The answer that Graph gives to a call for an account at a moment.
    enum Answer: Sendable {
        case delivered
        case throttled
        case tokenDead
        case connectionRefused
        case serviceUnavailable
        /// The account, like all others, has lost its permission.
        case permissionMissing
        /// Every call is refused for good, as with a version of the API that is no more.
        case refused
    }

    /// A trouble that lasts from one moment to another.
    struct Trouble: Sendable {
        var from: Int64
        var until: Int64
        /// The accounts that have it; empty for all.
        var accounts: Set<Int>
        var answer: Answer
        /// The accounts have new tokens at its end.
        var endsWithNewToken = false

        func concerns(_ account: Int) -> Bool { accounts.isEmpty || accounts.contains(account) }
    }

    /// Requests that are there at once.
    struct Burst: Sendable {
        var at: Int64
        var account: Int
        var requests: Int
        var conversations: Int
    }

    package var name: String
    /// The question that it answers.
    package var question: String
    var accounts = 100
    /// Requests a second for each account.
    var rate = 2.0
    var length = 15 * Span.minute
    var troubles: [Trouble] = []
    var bursts: [Burst] = []
    /// Whether calls stop when too many accounts cannot send.
    var hasSafetyValve = true

    /// The accounts that the scenario is about; all others are its bystanders.
    var concerned: Set<Int> { Set(troubles.flatMap(\.accounts)).union(bursts.map(\.account)) }

    /// The same traffic without what goes wrong.
    var undisturbed: Scenario {
        var scenario = self
        scenario.troubles = []
        scenario.bursts = []
        return scenario
    }

    func answer(for account: Int, at now: Int64) -> Answer {
        troubles.first { $0.from <= now && now < $0.until && $0.concerns(account) }?.answer ?? .delivered
    }

    package static let all: [Scenario] =
        [
            Scenario(
                name: "one account throttled for 10 minutes beside 99 healthy ones",
                question: "Do the others notice? Does the throttled one lose anything?",
                troubles: [
                    Trouble(from: 2 * Span.minute, until: 12 * Span.minute, accounts: [0], answer: .throttled)
                ],
                bursts: []
            ),
            Scenario(
                name: "Graph refuses connections for 5 minutes",
                question: "Are requests lost, or attempts used up? How long until all is caught up?",
                troubles: [
                    Trouble(from: 2 * Span.minute, until: 7 * Span.minute, accounts: [], answer: .connectionRefused)
                ]
            ),
            Scenario(
                name: "Graph answers 503 for 5 minutes",
                question: "A 503 says nothing of whether a message was taken: how many end as unknown?",
                troubles: [
                    Trouble(from: 2 * Span.minute, until: 7 * Span.minute, accounts: [], answer: .serviceUnavailable)
                ]
            ),
            Scenario(
                name: "a token dies and is replaced after 3 minutes",
                question: "Is its account parked with few calls, and sent at once when the token changes?",
                troubles: [
                    Trouble(
                        from: 2 * Span.minute,
                        until: 5 * Span.minute,
                        accounts: [0],
                        answer: .tokenDead,
                        endsWithNewToken: true
                    )
                ]
            ),
            Scenario(
                name: "100,000 requests queued for one account beside trickles for 99",
                question: "Do the trickles wait for the flood?",
                length: 20 * Span.minute,
                bursts: [Burst(at: Span.minute, account: 0, requests: 100_000, conversations: 1_000)]
            ),
        ] + sharedCauses
}
