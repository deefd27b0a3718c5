import CommandLineParser
import FoundationEssentials
import KafkaClient
import OperatorTools
import SendWorker
import Telemetry

/// The options by which every command that talks to Kafka or Graph is configured.
struct ConfigurationOptions: Sendable {
    private static let config = Option<String?>(
        "--config",
        help: "A YAML file with configuration.",
        completion: .files(extensions: ["yaml", "yml"])
    )
    private static let set = Option<[String]>(
        "--set",
        help: ParameterHelp(
            "Sets one key, as in --set retry.maxDelay=30s. May be repeated.",
            discussion: "`send-worker config` lists every key with its meaning, default and source.",
            valueName: "key=value"
        )
    )
    private static let bootstrapServers = Option<String?>(
        "--bootstrap-servers",
        help: "Where Kafka is: host:port, several separated by commas (kafka.bootstrapServers)."
    )
    static let group = ParameterGroup([config, set, bootstrapServers])

    private let file: String?
    /// The values of `--set`, as they were written.
    let settings: [String]
    private let bootstrapServers: String?

    init(_ values: ParsedValues) {
        file = values[Self.config]
        settings = values[Self.set]
        bootstrapServers = values[Self.bootstrapServers]
    }
}

extension ConfigurationOptions {
    /// The effective configuration: options, then environment, then file, then defaults.
    ///
    /// - Throws: `ConfigurationError` with every problem at once.
    func load() throws -> LoadedConfiguration {
        try places().load()
    }

    /// Returns the places at which the configuration is read.
    ///
    /// - Throws: `ConfigurationError` for an option that cannot be read.
    func places() throws -> ConfigurationPlaces {
        var given = try settings.map { try ConfigurationOption(assignment: $0) }
        if let bootstrapServers {
            given.append(
                ConfigurationOption(
                    key: "kafka.bootstrapServers",
                    text: bootstrapServers,
                    spelling: "--bootstrap-servers"
                )
            )
        }
        return ConfigurationPlaces(options: given, environment: ProcessInfo.processInfo.environment, file: file)
    }

    /// The Kafka connection for a command that is not the worker.
    func kafka(_ configuration: WorkerConfiguration) -> KafkaConfiguration {
        KafkaConfiguration(
            worker: configuration,
            logger: Logger(label: "send-worker", to: LogSink(configuration.log)),
            repetitions: RepetitionLimiter(interval: .seconds(30))
        )
    }
}

extension KafkaAccess {
    /// The topics at the place that the options name.
    init(_ options: ConfigurationOptions) throws {
        let configuration = try options.load().configuration
        self.init(configuration: configuration, kafka: options.kafka(configuration))
    }
}
