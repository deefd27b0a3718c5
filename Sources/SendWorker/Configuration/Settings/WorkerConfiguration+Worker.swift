package import Telemetry

extension WorkerConfiguration {
    /// How much the worker does at once.
    package struct Worker: Sendable, Hashable {
        /// HTTP calls at once.
        package var maxInFlight = 512
        /// Records fetched and not yet finished.
        package var maxOutstandingPerPartition = 10_000
        /// On shutdown, and when a partition is taken away.
        package var drainTimeout = Duration.seconds(20)

        /// The defaults.
        package init() {}
    }

    /// Where health, metrics and the status page are served.
    package struct Admin: Sendable, Hashable {
        package var host = "127.0.0.1"
        /// 0 takes any free port.
        package var port = 8080
        /// Names that a request's `Host` may carry beside `localhost` and IP addresses; nil where none were given.
        package var allowedHosts: [String]?
        /// Who has it may change how the worker works; without one nobody may.
        package var token: SecretText?

        /// The defaults.
        package init() {}
    }

    /// What is logged, and in which shape.
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
