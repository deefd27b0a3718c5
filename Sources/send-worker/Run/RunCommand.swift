import ArgumentParser
import Foundation
import Logging
import SendWorker
import UnixSignals

/// `send-worker run`: the worker.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run the worker.",
        discussion: """
            Reads send requests from Kafka, calls the messages endpoint and publishes results and dead letters until it is \
            told to stop. SIGTERM or SIGINT finishes what runs, commits and leaves the group; a second one stops at once.

            Start as many replicas as you like: they share the partitions of the requests topic.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let loaded = try options.load()
        let configuration = loaded.configuration
        LogSetup.bootstrap(configuration.log)
        let logger = Logger(label: "send-worker")
        for warning in loaded.warnings { logger.warning("\(warning)") }
        let tokens = try TokenSources.make(configuration.tokens, logger: logger)
        let worker = Worker(configuration: configuration, tokens: tokens, logger: logger)
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await worker.run() }
            tasks.addTask { await Self.stop(worker, on: signals, logger: logger) }
            try await tasks.next()
            tasks.cancelAll()
        }
    }

    /// The first signal stops in order, the second at once.
    private static func stop(_ worker: Worker, on signals: UnixSignalsSequence, logger: Logger) async {
        var isStopping = false
        for await signal in signals {
            if isStopping {
                logger.warning("stopping at once, as the second signal asks", metadata: ["signal": "\(signal)"])
                Foundation.exit(WorkerFailure.Kind.failed.rawValue)
            }
            isStopping = true
            logger.notice("signal received", metadata: ["signal": "\(signal)"])
            worker.requestStop()
        }
    }
}
