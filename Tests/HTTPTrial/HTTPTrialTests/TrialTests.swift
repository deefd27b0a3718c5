import HTTPTrial
import Testing

/// One after the other, each with the machine for itself.
@Suite("The HTTP client against other servers", .serialized, .timeLimit(.minutes(3)))
struct TrialTests {
    @Test(arguments: TrialMode.allCases)
    func agreesWithAHostileServer(mode: TrialMode) async throws {
        let tls = try TrialTLS()
        var report = TrialReport()
        for seed: UInt64 in 1...2 {
            let round = TrialRound(seed: seed, mode: mode, exchanges: 600, inFlight: 48, tls: tls)
            let played = try await round.play(tls, isAlone: false)
            #expect(played.violations.isEmpty, "make hostile, or \(round.command)")
            report.add(played)
        }
        #expect(report.total.sum == 1_200)
        // Whoever answers nothing breaks no promise.
        #expect(report.total.answered > 250, "\(report)")
        #expect(report.total.unknown > 150, "\(report)")
    }

    @Test(.enabled(if: NginxTrial.isPossible, "make setup installs nginx"), arguments: [false, true])
    func agreesWithNginxUnderReload(isSecure: Bool) async throws {
        let trial = NginxTrial(
            seed: 1,
            exchanges: 1_500,
            inFlight: 24,
            isSecure: isSecure,
            reloadInterval: .milliseconds(200)
        )
        let report = try await trial.play(TrialTLS())
        #expect(report.violations.isEmpty)
        #expect(report.answered + report.unknown == 1_500)
        #expect(report.unknown < 75, "nginx drops some at a reload")
        #expect(report.reloads > 0)
        // After ten requests each has its end.
        #expect(report.connections >= 150)
    }
}
