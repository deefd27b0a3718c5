import ArgumentParser
import GraphSimulator
import InstagramMessaging
import SendWorker
import Telemetry
import UnixSignals

/// `send-worker simulator`: a stand-in for Instagram's messages endpoint.
struct SimulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulator",
        abstract: "Run a stand-in for the messages endpoint, with its documented limits and errors.",
        discussion: """
            Point the worker at it with --set graph.baseURL=http://127.0.0.1:8090 --set validation.allowPrivateHosts=true.

            Faults can be set while it runs, and the log of what it received can be read:
              curl -s localhost:8090/_simulator/summary
              curl -s localhost:8090/_simulator/calls
              curl -s -X POST localhost:8090/_simulator/faults -d '{"effect":"reply_lost","share":0.1}'
            """
    )

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 takes a free one.")
    var port = 8090

    @Option(help: "Makes the random faults the same in every run.")
    var seed: UInt64 = 1

    @Flag(help: "Do not enforce the documented rate limits.")
    var unlimited = false

    func validate() throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError("--port \(port) is not a port; write 0 to 65535")
        }
    }

    func run() async throws {
        let logger = Logger(label: "simulator", to: LogSink(WorkerConfiguration.Log()))
        var configuration = SimulatorConfiguration(host: host, port: port, seed: seed)
        if unlimited { configuration.limits = .unlimited }
        let simulator = GraphSimulator(configuration: configuration, logger: logger)
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await simulator.run() }
            tasks.addTask {
                let url = try await simulator.baseURL()
                print("simulator listening on \(url)")
                for await _ in signals { return }
            }
            defer { tasks.cancelAll() }
            try await tasks.next()
        }
    }
}
