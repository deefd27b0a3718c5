internal import ClusterSimulation
internal import CommandLineParser

/// Plays scenarios through and prints what happened to whom.
struct ScenariosCommand: Command {
    static let declaration = CommandDeclaration(
        "scenarios",
        summary:
            "Play situations that people ask about through on virtual time: who waits, for how long, and who does not.",
        command: { _ in ScenariosCommand() }
    )

    func run() {
        for scenario in Scenario.all {
            let report = ScenarioReport(scenario)
            print("\(scenario.name)\n  \(scenario.question)")
            if report.concerned.accounts > 0 { show("concerned", report.concerned) }
            show(report.concerned.accounts > 0 ? "the others" : "all", report.bystanders)
            show("the same, undisturbed", report.undisturbed)
            if report.callsDuringTrouble > 0 { print("  calls while it lasted: \(report.callsDuringTrouble)") }
            if let begin = report.pausedAfter, let end = report.resumedAfter {
                let how = "calls stop \(seconds(begin)) after its beginning and go on \(seconds(end)) after its end"
                print("  \(how) (\(report.pauses) pauses)")
            }
            if let delay = report.caughtUpAfter { print("  caught up \(seconds(delay)) after its end") }
            print("")
        }
    }

    private func show(_ title: String, _ group: ScenarioReport.Group) {
        let results = group.results.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        print(
            """
              \(title.padded(to: 22))\(group.accounts) accounts, \(results); \(group.calls) calls
              \("".padded(to: 22))delay p50 \(seconds(group.p50)), p99 \(seconds(group.p99)), longest \(seconds(group.longest))
            """
        )
    }

    private func seconds(_ milliseconds: Int) -> String {
        let rest = String(milliseconds % 1_000 + 1_000).dropFirst()
        return "\(milliseconds / 1_000).\(rest) s"
    }
}
