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

    @Test(
        .timeLimit(.minutes(5)),
        arguments: ["deactivated for 10 minutes", "refused for 10 minutes", "deployed for 20 minutes"]
    )
    func `what all accounts share costs few requests when calls stop, and they go on soon after it is mended`(
        name: String
    ) throws {
        let safe = ScenarioReport(try Self.small("\(name), with the"))
        let unsafe = ScenarioReport(try Self.small("\(name), without"))
        let lost = safe.bystanders.results.filter { $0.key != "sent" }.values.reduce(0, +)
        let lostOtherwise = unsafe.bystanders.results.filter { $0.key != "sent" }.values.reduce(0, +)
        #expect(lost < 80)
        // Holds and dead tokens are waited out either way; only refusals cost requests.
        #expect(name.hasPrefix("refused") ? lost < lostOtherwise : lost == 0 && lostOtherwise == 0)
        let caughtUp = (safe: try #require(safe.caughtUpAfter), otherwise: unsafe.caughtUpAfter ?? .max)
        #expect(!name.hasPrefix("deactivated") || caughtUp.safe < caughtUp.otherwise)
        #expect(try #require(safe.pausedAfter) < 60_000)
        #expect(try #require(safe.resumedAfter) <= 60_000 + 3 * 6_000)
        #expect(safe.pauses == 1)
        #expect(unsafe.pauses == 0)
    }

    @Test(.timeLimit(.minutes(5)))
    func `an outage costs few calls and no request`() throws {
        let report = ScenarioReport(try Self.small("refuses connections"))
        #expect(report.bystanders.results == ["sent": report.bystanders.requests])
        #expect(report.callsDuringTrouble < 200)
        #expect(try #require(report.caughtUpAfter) < 120_000)
    }
}
