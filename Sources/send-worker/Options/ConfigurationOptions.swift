import ArgumentParser
import Foundation
import KafkaClient
import SendWorker

/// The options by which every command that talks to Kafka or Graph is configured.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .customLong("config"),
        help: "A YAML file with configuration.",
        completion: .file(extensions: ["yaml", "yml"])
    )
    var file: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Sets one key, as in --set retry.maxDelay=30s. May be repeated.",
            discussion: "`send-worker config` lists every key with its meaning, default and source.",
            valueName: "key=value"
        )
    )
    var settings: [String] = []

    @Option(name: .long, help: "Where Kafka is: host:port, several separated by commas (kafka.bootstrapServers).")
    var bootstrapServers: String?
}

extension ConfigurationOptions {
    /// The effective configuration: options, then environment, then file, then defaults.
    ///
    /// - Throws: `ConfigurationError` with every problem at once.
    func load() throws -> LoadedConfiguration {
        try places().load()
    }

    /// Where the configuration is read.
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
