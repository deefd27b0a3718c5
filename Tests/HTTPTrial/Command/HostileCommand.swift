internal import CommandLineParser
internal import HTTPTrial

extension TrialMode: ArgumentValue {}

/// Runs exchanges with a hostile server and compares what both sides say of them.
struct HostileCommand: Command {
    private static let exchanges = Option("--exchanges", default: 100_000, help: "How many exchanges.")
    private static let seed = Option<UInt64>("--seed", default: 1, help: "The seed of the first round.")
    private static let inFlight = Option("--in-flight", default: 128, help: "Exchanges at once.")
    private static let mode = Option<TrialMode?>("--mode", help: "One kind of connections only; else all in turn.")

    static let declaration = CommandDeclaration(
        "hostile",
        summary: "The client against a server that misbehaves in every way.",
        discussion: """
            Rounds of \(TrialRound.exchanges) exchanges, each with a seed, a server and a client of its own. A round in which
            the two sides do not agree prints the command that plays it again. Exit code 1 where any did not.
            """,
        parameters: [exchanges, seed, inFlight, mode],
        command: HostileCommand.init
    )

    private let exchanges: Int
    private let seed: UInt64
    private let inFlight: Int
    private let modes: [TrialMode]

    init(_ values: ParsedValues) throws {
        exchanges = values[Self.exchanges]
        seed = values[Self.seed]
        inFlight = values[Self.inFlight]
        modes = values[Self.mode].map { [$0] } ?? TrialMode.allCases
    }

    func run() async throws {
        let clock = ContinuousClock()
        let started = clock.now
        let tls = try TrialTLS()
        var reports: [TrialMode: TrialReport] = [:]
        var failures = 0
        var left = exchanges
        var number = 0
        while left > 0 {
            let mode = modes[number % modes.count]
            let size = min(left, TrialRound.exchanges)
            let round = TrialRound(
                seed: seed + UInt64(number),
                mode: mode,
                exchanges: size,
                inFlight: inFlight,
                tls: tls
            )
            let report = try await round.play(tls, isAlone: true)
            if !report.violations.isEmpty {
                failures += 1
                show(report.violations, of: round)
            }
            reports[mode, default: TrialReport()].add(report)
            left -= size
            number += 1
        }
        for mode in modes { if let report = reports[mode] { print("\n\(mode.rawValue)\n\(report)") } }
        print("\n\(exchanges) exchanges in \(number) rounds, \(clock.now - started); \(failures) rounds do not agree")
        if failures > 0 { throw ExitStatus.failure }
    }

    private func show(_ violations: [String], of round: TrialRound) {
        for violation in violations.prefix(20) { print("  \(violation)") }
        print("\(violations.count) violations; again: .build/debug/\(round.command)")
    }
}
