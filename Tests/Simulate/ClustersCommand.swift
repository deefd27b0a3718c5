internal import ArgumentParser
internal import ClusterSimulation
internal import Dispatch

/// Runs many simulated clusters, or one of them with a trace.
struct ClustersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clusters",
        abstract: "Run whole clusters on virtual time, through faults, and check every promise from the outside.",
        discussion: """
            Each seed is one run: its own cluster, traffic and faults. A run that breaks a promise prints the command that
            replays it with a trace. Exit code 1 where any did.
            """
    )

    @Option(help: "How many seeds to run.")
    var seeds: UInt64 = 1_000

    @Option(help: "The first seed; with --trace the only one.")
    var seed: UInt64 = 1

    @Flag(help: "Run one seed and print what happens in it.")
    var trace = false

    @Option(help: "Runs at once.")
    var jobs = 2

    @Flag(help: "Stop at the first run that breaks a promise.")
    var failFast = false

    @Flag(help: "Say nothing of progress.")
    var quiet = false

    func run() async throws {
        if trace {
            try replay()
        } else {
            try await runAll()
        }
    }

    private func replay() throws {
        let report = RunReport(seed: seed, keepsTrace: true)
        for line in report.trace { print(line) }
        print("\nseed \(seed): \(report.requests) requests, \(report.calls) calls, \(report.guarantee.rawValue)")
        for violation in report.violations { print("violation: \(violation)") }
        if !report.violations.isEmpty { throw ExitCode.failure }
    }

    private func runAll() async throws {
        let started = DispatchTime.now().uptimeNanoseconds
        var tally = Tally()
        let chunk: UInt64 = 50
        try await withThrowingTaskGroup(of: [RunReport].self) { group in
            var next = seed
            let end = seed + seeds
            func addOne() {
                guard next < end else { return }
                let range = next..<min(next + chunk, end)
                next = range.upperBound
                group.addTask { range.map { RunReport(seed: $0) } }
            }
            for _ in 0..<max(jobs, 1) { addOne() }
            while let reports = try await group.next() {
                for report in reports { tally.add(report) }
                if failFast, tally.failures > 0 { throw ExitCode.failure }
                if !quiet { tally.progress(of: seeds, since: started) }
                addOne()
            }
        }
        tally.summarize(since: started)
        if tally.failures > 0 { throw ExitCode.failure }
    }
}
