internal import CommandLineParser
internal import HTTPTrial

/// Makes calls to nginx while it is reloaded, and compares their ends with its log.
struct NginxCommand: Command {
    private static let exchanges = Option("--exchanges", default: 50_000, help: "How many, plain and over TLS each.")
    private static let seed = Option<UInt64>("--seed", default: 1, help: "The seed.")
    private static let inFlight = Option("--in-flight", default: 64, help: "Exchanges at once.")

    private static let reloads = Option(
        "--reload-every",
        default: 300,
        help: "Milliseconds between two reloads; 0 for none."
    )

    static let declaration = CommandDeclaration(
        "nginx",
        summary: "The client against nginx, which closes connections after ten requests or a second, and is reloaded.",
        parameters: [exchanges, seed, inFlight, reloads],
        command: NginxCommand.init
    )

    private let exchanges: Int
    private let seed: UInt64
    private let inFlight: Int
    private let reloadInterval: Duration?

    init(_ values: ParsedValues) {
        exchanges = values[Self.exchanges]
        seed = values[Self.seed]
        inFlight = values[Self.inFlight]
        let milliseconds = values[Self.reloads]
        reloadInterval = milliseconds > 0 ? .milliseconds(milliseconds) : nil
    }

    func run() async throws {
        let tls = try TrialTLS()
        var failed = false
        for isSecure in [false, true] {
            let trial = NginxTrial(
                seed: seed,
                exchanges: exchanges,
                inFlight: inFlight,
                isSecure: isSecure,
                reloadInterval: reloadInterval
            )
            let report = try await trial.play(tls)
            for violation in report.violations.prefix(20) { print("  \(violation)") }
            print(
                """
                nginx, \(isSecure ? "TLS" : "plain"): \(report.answered) answered, \(report.notSent) not sent, \
                \(report.unknown) unknown (\(report.unknownAndServed) of them served); \(report.reloads) reloads, \
                \(report.connections) connections
                """
            )
            if !report.violations.isEmpty { failed = true }
        }
        if failed { throw ExitStatus.failure }
    }
}
