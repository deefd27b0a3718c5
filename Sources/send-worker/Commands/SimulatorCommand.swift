import CommandLineParser
import GraphSimulator
import InstagramMessaging
import SendWorker
import Telemetry

/// `send-worker simulator`: a stand-in for Instagram's messages endpoint.
struct SimulatorCommand: Command {
    private static let host = Option("--host", default: "127.0.0.1", help: "The address to listen on.")
    private static let port = Option("--port", default: 8_090, help: "The port to listen on; 0 takes a free one.")
    private static let seed = Option<UInt64>(
        "--seed",
        default: 1,
        help: "Makes the random faults the same in every run."
    )
    private static let unlimited = Flag("--unlimited", help: "Do not enforce the documented rate limits.")

    private static let appSecret = Option<String?>(
        "--app-secret",
        help: "Refuse calls that do not carry the appsecret_proof of this secret; for tests, so not one of Meta's."
    )

    static let declaration = CommandDeclaration(
        "simulator",
        summary: "Run a stand-in for the messages endpoint, with its documented limits and errors.",
        discussion: """
            Point the worker at it with --set graph.baseURL=http://127.0.0.1:8090 --set validation.allowPrivateHosts=true.

            Faults can be set while it runs, and the log of what it received can be read:
              curl -s localhost:8090/_simulator/summary
              curl -s localhost:8090/_simulator/calls
              curl -s -X POST localhost:8090/_simulator/faults -d '{"effect":"reply_lost","share":0.1}'
            """,
        parameters: [host, port, seed, unlimited, appSecret],
        command: SimulatorCommand.init
    )

    private let host: String
    private let port: Int
    private let seed: UInt64
    private let isUnlimited: Bool
    private let appSecret: ApplicationSecret?

    init(_ values: ParsedValues) throws {
        host = values[Self.host]
        port = values[Self.port]
        seed = values[Self.seed]
        isUnlimited = values[Self.unlimited]
        appSecret = values[Self.appSecret].map { ApplicationSecret($0) }
        guard (0...65_535).contains(port) else {
            throw UsageError("--port \(port) is not a port; write 0 to 65535")
        }
    }

    func run() async throws {
        let logger = Logger(label: "simulator", to: LogSink(WorkerConfiguration.Log()))
        var configuration = SimulatorConfiguration(host: host, port: port, seed: seed)
        configuration.appSecret = appSecret
        if isUnlimited { configuration.limits = .unlimited }
        let simulator = GraphSimulator(configuration: configuration, logger: logger)
        let interruption = Interruption()
        try await ProcessSignals.handling(Interruption.signals, by: interruption) {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await simulator.run() }
                tasks.addTask {
                    let url = try await simulator.baseURL()
                    try Terminal.writeLines(["simulator listening on \(url)"])
                    await interruption.wait()
                }
                defer { tasks.cancelAll() }
                try await tasks.next()
            }
        }
    }
}
