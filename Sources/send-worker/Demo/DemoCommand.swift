import CommandLineParser
import SendWorker
import Telemetry

/// `send-worker demo`: the whole path in one process.
struct DemoCommand: Command {
    private static let verbose = Flag("--verbose", help: "Show the worker's log as well.")

    static let declaration = CommandDeclaration(
        "demo",
        summary:
            "Show the worker at work: embedded broker, endpoint simulator, worker and sample traffic in one process.",
        discussion: """
            Needs no Kafka and no internet and ends by itself in under 30 seconds. A sample backend publishes a few hundred \
            requests of all kinds over twenty accounts, some of them wrong, while the endpoint resets connections, fails \
            and throttles. The report at the end accounts for every request; the exit code is 1 if it does not balance.
            """,
        parameters: [verbose],
        command: DemoCommand.init
    )

    private let isVerbose: Bool

    init(_ values: ParsedValues) {
        isVerbose = values[Self.verbose]
    }

    func run() async throws {
        var log = WorkerConfiguration.Log()
        log.level = isVerbose ? .info : .critical
        let stage = try await DemoStage(logger: Logger(label: "demo", to: LogSink(log)))
        let report = try await stage.perform()
        try Terminal.write(report.text)
        try Terminal.write(DemoReport.nextSteps)
        if !report.discrepancies.isEmpty { throw ExitStatus.failure }
    }
}
