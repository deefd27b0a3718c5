import FoundationEssentials
package import Telemetry

/// Writes every event as exactly one line, for people or for machines.
package struct LineLogHandler: LogHandler {
    package var logLevel: Logger.Level {
        get { ownLevel ?? threshold.level }
        set { ownLevel = newValue }
    }
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?

    private let threshold: LogThreshold
    /// That of a logger which was given one itself.
    private var ownLevel: Logger.Level?
    private let label: String
    private let format: WorkerConfiguration.Log.Format
    private let output: LogOutput
    private let time: @Sendable () -> String

    /// - Parameters:
    ///   - threshold: The level from which on lines are written.
    ///   - time: The time of day that a line begins with, RFC 3339.
    package init(
        label: String,
        format: WorkerConfiguration.Log.Format,
        threshold: LogThreshold = LogThreshold(.info),
        output: LogOutput,
        time: @escaping @Sendable () -> String = LineLogHandler.currentTime
    ) {
        self.label = label
        self.format = format
        self.threshold = threshold
        self.output = output
        self.time = time
    }

    /// The current time in UTC with milliseconds.
    package static let currentTime: @Sendable () -> String = {
        Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() {
            all.merge(provided) { _, later in later }
        }
        if let given = event.metadata {
            all.merge(given) { _, later in later }
        }
        if let error = event.error, all["error"] == nil {
            all["error"] = "\(error)"
        }
        let line = LogLine(time: time(), level: event.level, label: label, message: "\(event.message)", metadata: all)
        output.say(format == .text ? line.text : line.json)
    }
}
