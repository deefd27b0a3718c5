internal import ClusterSimulation
internal import CommandLineParser
internal import Dispatch

/// Runs many simulated clusters, or one of them with a trace.
struct ClustersCommand: Command {
    private static let seeds = Option<UInt64>("--seeds", default: 1_000, help: "How many seeds to run.")
    private static let seed = Option<UInt64>(
        "--seed",
        default: 1,
        help: "The first seed; with --trace the only one."
    )
    private static let trace = Flag("--trace", help: "Run one seed and print what happens in it.")
    private static let jobs = Option("--jobs", default: 2, help: "Runs at once.")
    private static let failFast = Flag("--fail-fast", help: "Stop at the first run that breaks a promise.")
    private static let quiet = Flag("--quiet", help: "Say nothing of progress.")

    static let declaration = CommandDeclaration(
        "clusters",
        summary: "Run whole clusters on virtual time, through faults, and check every promise from the outside.",
        discussion: """
            Each seed is one run: its own cluster, traffic and faults. A run that breaks a promise prints the command that
            replays it with a trace. Exit code 1 where any did.
            """,
        parameters: [seeds, seed, trace, jobs, failFast, quiet],
        command: ClustersCommand.init
    )

    private let seeds: UInt64
    private let seed: UInt64
    private let isTracing: Bool
    private let jobs: Int
    private let failsFast: Bool
    private let isQuiet: Bool

    init(_ values: ParsedValues) {
        seeds = values[Self.seeds]
        seed = values[Self.seed]
        isTracing = values[Self.trace]
        jobs = values[Self.jobs]
        failsFast = values[Self.failFast]
        isQuiet = values[Self.quiet]
    }

    func run() async throws {
        if isTracing {
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
        if !report.violations.isEmpty { throw ExitStatus.failure }
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
                if failsFast, tally.failures > 0 { throw ExitStatus.failure }
                if !isQuiet { tally.progress(of: seeds, since: started) }
                addOne()
            }
        }
        tally.summarize(since: started)
        if tally.failures > 0 { throw ExitStatus.failure }
    }
}
