import CommandLineParser
import SendWorker
import Synchronization
import Telemetry

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// `send-worker run`: the worker.
struct RunCommand: Command {
    private static let followsMovedOffsets = Flag(
        "--follow-moved-offsets",
        help: ParameterHelp(
            "Go on from offsets of the group that somebody else committed.",
            discussion: "Without it the worker's own record of what has ended counts."
        )
    )

    static let declaration = CommandDeclaration(
        "run",
        summary: "Run the worker.",
        discussion: """
            Reads send requests from Kafka, calls the messages endpoint and publishes results and dead letters until it is \
            told to stop. SIGTERM or SIGINT finishes what runs, commits and leaves the group; a second one stops at once.

            The configuration file is read again when it changes, and on SIGHUP: limits.* and log.level take effect at \
            once, other keys after a restart. Access tokens, and what accounts have of their own beside them, are read \
            again when they change, and on SIGHUP.

            Start as many replicas as you like: they share the partitions of the requests topic.
            """,
        parameters: [ConfigurationOptions.group, followsMovedOffsets],
        command: RunCommand.init
    )

    private let options: ConfigurationOptions
    private let followsMovedOffsets: Bool

    init(_ values: ParsedValues) {
        options = ConfigurationOptions(values)
        followsMovedOffsets = values[Self.followsMovedOffsets]
    }

    func run() async throws {
        let places = try options.places()
        let loaded = try places.load()
        let configuration = loaded.configuration
        let log = LogSink(configuration.log)
        let logger = Logger(label: "send-worker", to: log)
        for warning in loaded.warnings { logger.warning("\(warning)") }
        let tokens = try TokenSources.make(configuration.tokens, logger: logger)
        let watch = ConfigurationWatch(loaded, from: places, threshold: log.threshold, logger: logger)
        let worker = Worker(
            configuration: configuration,
            tokens: tokens,
            followsMovedOffsets: followsMovedOffsets,
            watch: watch,
            logger: logger
        )
        let handler = WorkerSignals(worker: worker, watch: watch, tokens: tokens, logger: logger)
        try await ProcessSignals.handling([SIGTERM, SIGINT, SIGHUP], by: handler) { try await worker.run() }
    }
}

/// Carries out signals that a worker gets.
private final class WorkerSignals: SignalHandler {
    private let worker: Worker
    private let watch: ConfigurationWatch
    private let tokens: any TokenSource
    private let logger: Logger
    private let isStopping = Mutex(false)

    init(worker: Worker, watch: ConfigurationWatch, tokens: any TokenSource, logger: Logger) {
        self.worker = worker
        self.watch = watch
        self.tokens = tokens
        self.logger = logger
    }

    /// SIGHUP reads the configuration and the tokens again. Of the others the first stops in order, the second at once.
    func take(_ signal: Int32) {
        let name = ProcessSignals.name(of: signal)
        if signal == SIGHUP {
            logger.notice("signal received", metadata: ["signal": "\(name)"])
            watch.reload()
            tokens.readAgain()
            return
        }
        let isSecond = isStopping.withLock { isStopping in
            defer { isStopping = true }
            return isStopping
        }
        if isSecond {
            logger.warning("stopping at once, as the second signal asks", metadata: ["signal": "\(name)"])
            exit(WorkerFailure.Kind.failed.rawValue)
        }
        logger.notice("signal received", metadata: ["signal": "\(name)"])
        worker.requestStop()
    }
}
