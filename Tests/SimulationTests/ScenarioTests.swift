import Testing

@testable import ClusterSimulation

@Suite struct ScenarioTests {
    /// A scenario with less traffic, so that it is quick without optimisation too.
    static func small(_ name: String) throws -> Scenario {
        var scenario = try #require(Scenario.all.first { $0.name.contains(name) })
        scenario.accounts = 12
        scenario.rate = 0.5
        scenario.bursts = scenario.bursts.map { burst in
            var burst = burst
            burst.requests = 5_000
            burst.conversations = 200
            return burst
        }
        return scenario
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["throttled", "token dies", "queued for one account"])
    func `bystanders wait no longer than without the trouble`(name: String) throws {
        let report = ScenarioReport(try Self.small(name))
        #expect(report.bystanders.results == ["sent": report.bystanders.requests])
        #expect(report.bystanders.requests > 1_000)
        #expect(report.bystanders.p50 <= report.undisturbed.p50 + 50)
        #expect(report.bystanders.p99 <= report.undisturbed.p99 + 100)
        #expect(report.concerned.results == ["sent": report.concerned.requests])
        #expect(report.concerned.p99 > report.bystanders.p99)
    }

    @Test(.timeLimit(.minutes(5)))
    func `an outage costs few calls and no request`() throws {
        let report = ScenarioReport(try Self.small("refuses connections"))
        #expect(report.bystanders.results == ["sent": report.bystanders.requests])
        #expect(report.callsDuringTrouble < 200)
        #expect(try #require(report.caughtUpAfter) < 120_000)
    }
}
