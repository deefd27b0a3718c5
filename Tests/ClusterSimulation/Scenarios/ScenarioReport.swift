internal import InstagramMessaging

/// The effects of a scenario on the accounts, beside the same traffic without it.
package struct ScenarioReport: Sendable {
    /// The effects on some accounts.
    package struct Group: Sendable {
        package var accounts = 0
        package var requests = 0
        package var calls = 0
        /// Results by status.
        package var results: [String: Int] = [:]
        /// From arrival to durable result, in milliseconds.
        package var p50 = 0
        package var p99 = 0
        package var longest = 0
    }

    package var scenario: Scenario
    /// The accounts that it is about; none where it is about all.
    package var concerned: Group
    package var bystanders: Group
    /// The same accounts with the same traffic while nothing goes wrong.
    package var undisturbed: Group
    /// Calls made while trouble lasted, for the accounts that had it.
    package var callsDuringTrouble: Int
    /// From the end of the trouble to the end of the last request that came before it, in milliseconds; nil without
    /// trouble.
    package var caughtUpAfter: Int?
    /// The number of times that all calls stopped because too many accounts could not send.
    package var pauses: Int
    /// From the beginning of the trouble to the first such stop, and from its end to when calls went on, in milliseconds.
    package var pausedAfter: Int?
    package var resumedAfter: Int?

    package init(_ scenario: Scenario) {
        self.scenario = scenario
        let run = ScenarioRun(scenario)
        run.run()
        let calm = ScenarioRun(scenario.undisturbed)
        calm.run()
        let concerned = scenario.concerned
        let all = Set(0..<scenario.accounts)
        let others = all.subtracting(concerned)
        self.concerned = Self.group(concerned, in: run)
        bystanders = Self.group(others, in: run)
        undisturbed = Self.group(others, in: calm)
        callsDuringTrouble =
            run.calls.filter { call in
                scenario.troubles.contains { $0.concerns(call.account) && $0.from <= call.at && call.at < $0.until }
            }.count
        pauses = run.pauses.count
        pausedAfter = run.pauses.first.flatMap { pause in
            scenario.troubles.map(\.from).min().map { Int((pause.from - $0) / Span.millisecond) }
        }
        resumedAfter = run.pauses.last.flatMap { pause in
            scenario.troubles.map(\.until).max().map { Int((pause.until - $0) / Span.millisecond) }
        }
        caughtUpAfter = scenario.troubles.map(\.until).max().flatMap { end in
            let before = run.endings.filter { $0.endedAt >= end && $0.endedAt - $0.delay < end }
            return before.map { Int(($0.endedAt - end) / Span.millisecond) }.max()
        }
    }

    private static func group(_ accounts: Set<Int>, in run: ScenarioRun) -> Group {
        let endings = run.endings.filter { accounts.contains($0.account) }
        let delays = endings.map { Int($0.delay / Span.millisecond) }.sorted()
        var group = Group(accounts: accounts.count, requests: endings.count)
        group.calls = run.calls.filter { accounts.contains($0.account) }.count
        for ending in endings { group.results[ending.status.rawValue, default: 0] += 1 }
        guard let longest = delays.last else { return group }
        group.p50 = delays[delays.count / 2]
        group.p99 = delays[delays.count * 99 / 100]
        group.longest = longest
        return group
    }
}
