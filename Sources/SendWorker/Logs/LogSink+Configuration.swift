package import Telemetry

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
