package import Logging

/// Sets up swift-log as `log.level` and `log.format` say.
package enum LogSetup {
    /// Sends every logger of the process to standard error. Once per process, before the first logger is made.
    package static func bootstrap(_ settings: WorkerConfiguration.Log) {
        LoggingSystem.bootstrap { handler(label: $0, settings) }
    }

    /// A logger of its own that no bootstrap is needed for.
    package static func logger(
        label: String,
        _ settings: WorkerConfiguration.Log,
        output: LogOutput = .standardError,
        time: @escaping @Sendable () -> String = LineLogHandler.currentTime
    ) -> Logger {
        Logger(label: label) { handler(label: $0, settings, output: output, time: time) }
    }

    private static func handler(
        label: String,
        _ settings: WorkerConfiguration.Log,
        output: LogOutput = .standardError,
        time: @escaping @Sendable () -> String = LineLogHandler.currentTime
    ) -> LineLogHandler {
        var handler = LineLogHandler(label: label, format: settings.format, output: output, time: time)
        handler.logLevel = settings.level
        return handler
    }
}
