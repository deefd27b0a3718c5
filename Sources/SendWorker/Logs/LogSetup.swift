package import Telemetry

/// Sets up swift-log as `log.level` and `log.format` say.
package enum LogSetup {
    /// Sends every logger of the process to standard error. Once per process, before the first logger is made.
    ///
    /// - Returns: The level of all these loggers, which may be changed.
    @discardableResult
    package static func bootstrap(_ settings: WorkerConfiguration.Log) -> LogThreshold {
        let threshold = LogThreshold(settings.level)
        LoggingSystem.bootstrap { handler(label: $0, settings, threshold) }
        return threshold
    }

    /// A logger of its own that no bootstrap is needed for.
    package static func logger(
        label: String,
        _ settings: WorkerConfiguration.Log,
        output: LogOutput = .standardError,
        time: @escaping @Sendable () -> String = LineLogHandler.currentTime
    ) -> Logger {
        let threshold = LogThreshold(settings.level)
        return Logger(label: label) { handler(label: $0, settings, threshold, output: output, time: time) }
    }

    private static func handler(
        label: String,
        _ settings: WorkerConfiguration.Log,
        _ threshold: LogThreshold,
        output: LogOutput = .standardError,
        time: @escaping @Sendable () -> String = LineLogHandler.currentTime
    ) -> LineLogHandler {
        LineLogHandler(label: label, format: settings.format, threshold: threshold, output: output, time: time)
    }
}
