import Testing

@testable import SendEngine

@Suite struct RetryDelayTests {
    let settings = EngineSettings.RetrySettings()

    @Test(arguments: [(1, 500), (2, 1_000), (3, 2_000), (7, 32_000), (8, 60_000), (1_000_000, 60_000)])
    func `the longest delay doubles up to the maximum`(attempt: Int, milliseconds: Int64) {
        #expect(settings.longestDelay(afterAttempt: attempt) == milliseconds * 1_000_000)
    }

    @Test func `delays are spread over the whole range from nothing`() {
        var random = SplitMix64(seed: 1)
        let delays = (0..<1_000).map { _ in settings.delay(afterAttempt: 3, random: &random) }
        #expect(delays.allSatisfy { (0...2_000_000_000).contains($0) })
        for quarter in 0..<4 {
            let range = Int64(quarter) * 500_000_000..<Int64(quarter + 1) * 500_000_000
            #expect(delays.filter(range.contains).count > 150)
        }
    }

    @Test func `retries beyond the budget are told to wait and the traffic pays for more`() {
        var changed = settings
        changed.budgetBurst = 2
        changed.budgetPerSecond = 10
        var budget = RetryBudget(changed)
        #expect(budget.take(now: 0) == 0)
        #expect(budget.take(now: 0) == 0)
        #expect(budget.take(now: 0) == 100_000_000)
        #expect(budget.take(now: 0) == 200_000_000)
        for _ in 0..<15 { budget.firstCall() }
        #expect(budget.take(now: 0) == 0)
        #expect(budget.take(now: 10_000_000_000) == 10_000_000_000)
    }
}
