/// How the cost of one part of the engine's work differs between two scenarios.
struct Growth {
    /// A part of the work that is the same in every scenario.
    struct Part {
        var name: String
        var kinds: [EventKind]
        /// True where the number of events depends on the scenario, so that only their sum per message compares.
        var isPerMessage = false
    }

    var part: Part
    var from: Scenario
    var to: Scenario
    /// Nanoseconds per message, or per event.
    var fromNanoseconds: Double
    var toNanoseconds: Double
    /// The 99th percentile of single events divided by that of the other scenario; nil where only sums compare.
    var high: Double?

    /// The parts of a message's way. Accounts whose limit binds go on in `advance`, others in `takeActions`, so these
    /// two count together.
    static let message = [
        Part(name: "accept", kinds: [.accept]),
        Part(name: "callEnded, delivered", kinds: [.callDelivered]),
        Part(
            name: "advance, takeActions, nextWake / message",
            kinds: [.advance, .takeActions, .nextWake],
            isPerMessage: true
        ),
        Part(name: "takeCommit / message", kinds: [.takeCommit], isPerMessage: true),
        Part(name: "commitSucceeded / message", kinds: [.commitSucceeded], isPerMessage: true),
    ]

    static let exceptional: [Part] = [
        .acceptFilling, .acceptBlocked, .callThrottled, .callHeld, .callTokenDead, .tokensChanged,
    ]
    .map { Part(name: $0.name, kinds: [$0]) }

    /// Nil where one of the two had no such event.
    init?(_ part: Part, from: ScenarioResult, to: ScenarioResult) {
        let first = Self.histogram(part, from)
        let second = Self.histogram(part, to)
        guard first.count > 0, second.count > 0 else { return nil }
        self.part = part
        self.from = from.scenario
        self.to = to.scenario
        if part.isPerMessage {
            fromNanoseconds = from.nanosecondsPerMessage(part.kinds)
            toNanoseconds = to.nanosecondsPerMessage(part.kinds)
        } else {
            fromNanoseconds = first.mean
            toNanoseconds = second.mean
            high = Double(second.quantile(0.99)) / Double(max(first.quantile(0.99), 1))
        }
    }

    var factor: Double { toNanoseconds / max(fromNanoseconds, 1) }

    var greatest: Double { max(factor, high ?? 0) }

    private static func histogram(_ part: Part, _ result: ScenarioResult) -> Histogram {
        part.kinds.reduce(into: Histogram()) { $0.add(result.meter.histogram($1)) }
    }
}
