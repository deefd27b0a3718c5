package import Telemetry

// MARK: - admin.*

extension WorkerConfiguration {
    /// The place where health, metrics and the status page are served.
    package struct Admin: Sendable, Hashable {
        package var host = "127.0.0.1"
        /// 0 takes any free port.
        package var port = 8080
        /// Names that a request's `Host` may carry beside `localhost` and IP addresses; nil where none were given.
        package var allowedHosts: [String]?
        /// The secret that lets a caller change how the worker works; without one nobody may.
        package var token: SecretText?

        /// The defaults.
        package init() {}
    }
}

extension ConfigurationKey {
    static let admin = [
        ConfigurationKey("admin.host", \.admin.host, .host, "where health, metrics and the status page are served"),
        ConfigurationKey("admin.port", \.admin.port, .integer(0...65_535), "0 takes any free port"),
        ConfigurationKey(
            "admin.allowedHosts",
            \.admin.allowedHosts,
            .hostNames,
            "names that a request's Host may carry beside localhost and IP addresses; with none, any name unless admin.host "
                + "is loopback"
        ),
        ConfigurationKey(
            "admin.token",
            \.admin.token,
            .secret,
            "needed to resume a paused worker on command; without it nobody can"
        ),
    ]
}

// MARK: - log.*

extension WorkerConfiguration {
    /// The log: its level and its shape.
    package struct Log: Sendable, Hashable {
        package var level = Logger.Level.info
        package var format = Format.text
        /// Whether the text of messages may be logged, at debug level.
        package var messageText = false

        /// The defaults.
        package init() {}

        /// The shape of a log line.
        package typealias Format = LogFormat
    }
}

extension ConfigurationKey {
    static let log = [
        ConfigurationKey("log.level", \.log.level, .choice(), "the least important lines that are written"),
        ConfigurationKey("log.format", \.log.format, .choice(), "columns for people, or one JSON object per line"),
        ConfigurationKey(
            "log.messageText",
            \.log.messageText,
            .boolean,
            "write what people are sent into the log when a call is started, at debug level; for tests"
        ),
    ]
}

extension LogSink {
    /// Writes as `log.level` and `log.format` say.
    package convenience init(
        _ settings: WorkerConfiguration.Log,
        output: LogOutput = .standardError,
        time: @escaping @Sendable () -> String = LogSink.currentTime
    ) {
        self.init(format: settings.format, threshold: LogThreshold(settings.level), output: output, time: time)
    }
}

// MARK: - tracing.*

extension WorkerConfiguration {
    /// The destination of spans, and the share of requests that have them.
    package struct Tracing: Sendable, Hashable {
        /// An `http` or `https` URL without a trailing slash; nil switches tracing off.
        package var endpoint: String?
        /// `name=value`, several divided by commas.
        package var headers: SecretText?
        /// From 0 to 1.
        package var sampleRatio = 0.0

        /// The defaults.
        package init() {}
    }
}

extension ConfigurationKey {
    static let tracing = [
        ConfigurationKey(
            "tracing.endpoint",
            \.tracing.endpoint,
            .collectorURL,
            "the OpenTelemetry collector that spans go to, by OTLP/HTTP; without it nothing is traced"
        ),
        ConfigurationKey(
            "tracing.headers",
            \.tracing.headers,
            .headers,
            "HTTP headers for the collector, to prove who sends; a comma in a value is %2C"
        ),
        ConfigurationKey(
            "tracing.sampleRatio",
            \.tracing.sampleRatio,
            .decimal(0...1),
            "the share of requests without a trace context that is traced; for others the context decides"
        ),
    ]
}
