import ArgumentParser
import Foundation
import SendWorker
import Telemetry
import UnixSignals

/// `send-worker run`: the worker.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run the worker.",
        discussion: """
            Reads send requests from Kafka, calls the messages endpoint and publishes results and dead letters until it is \
            told to stop. SIGTERM or SIGINT finishes what runs, commits and leaves the group; a second one stops at once.

            The configuration file is read again when it changes, and on SIGHUP: limits.* and log.level take effect at \
            once, other keys after a restart. Access tokens are read again when they change.

            Start as many replicas as you like: they share the partitions of the requests topic.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let places = try options.places()
        let loaded = try places.load()
        let configuration = loaded.configuration
        let log = LogSink(configuration.log)
        let logger = Logger(label: "send-worker", to: log)
        for warning in loaded.warnings { logger.warning("\(warning)") }
        let tokens = try TokenSources.make(configuration.tokens, logger: logger)
        let watch = ConfigurationWatch(loaded, from: places, threshold: log.threshold, logger: logger)
        let worker = Worker(configuration: configuration, tokens: tokens, watch: watch, logger: logger)
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await worker.run() }
            tasks.addTask { await Self.heed(signals, worker, watch, logger: logger) }
            try await tasks.next()
            tasks.cancelAll()
        }
    }

    /// SIGHUP reads the configuration again. Of the others the first stops in order, the second at once.
    private static func heed(
        _ signals: UnixSignalsSequence,
        _ worker: Worker,
        _ watch: ConfigurationWatch,
        logger: Logger
    ) async {
        var isStopping = false
        for await signal in signals {
            if signal == .sighup {
                logger.notice("signal received", metadata: ["signal": "\(signal)"])
                watch.reload()
                continue
            }
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
