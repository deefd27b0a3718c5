import ClusterSimulation
import Testing

@Suite(.serialized) struct ClusterSimulationTests {
    private static let seeds: UInt64 = 1_200
    private static let chunk: UInt64 = 100

    @Test(.timeLimit(.minutes(15)), arguments: Array(stride(from: UInt64(1), through: seeds, by: Int(chunk))))
    func `whatever happens to a cluster, every promise holds`(first: UInt64) {
        for seed in first..<first + Self.chunk {
            let report = RunReport(seed: seed)
            #expect(
                report.violations.isEmpty,
                "make simulate SEED=\(seed) TRACE=1 shows how it came to: \(report.violations.prefix(3))"
            )
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: [3, 58, 4_711] as [UInt64])
    func `a seed always gives the same run`(seed: UInt64) {
        let first = RunReport(seed: seed, keepsTrace: true)
        let second = RunReport(seed: seed, keepsTrace: true)
        let difference = zip(first.trace, second.trace).first { $0 != $1 }
        #expect(difference == nil)
        #expect(first.trace.count == second.trace.count)
        #expect(first.trace.count > 20)
    }

    @Test(.timeLimit(.minutes(10)))
    func `runs differ, and every kind of fault happens in some`() {
        let reports = (1...150).map { RunReport(seed: UInt64($0)) }
        let seen = Set(reports.flatMap { $0.faults.keys })
        #expect(seen == Set(Fault.allCases))
        #expect(Set(reports.map(\.guarantee)) == Set(Guarantee.allCases))
        #expect(reports.map(\.calls).reduce(0, +) > 5_000)
        #expect(reports.map(\.duplicatesByLoss).reduce(0, +) > 0)
        #expect(reports.map(\.announcedDuplicates).reduce(0, +) > 0)
    }
}
