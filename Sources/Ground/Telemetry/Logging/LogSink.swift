import Synchronization

/// The shape of a log line.
package enum LogFormat: String, Sendable, Hashable, CaseIterable {
    /// Aligned columns for people.
    case text
    /// One JSON object per line.
    case json
}

/// The place that a process' loggers write to: from which level on, in which format, and to which output.
package final class LogSink: Sendable {
    /// The level of all loggers that have none of their own.
    package let threshold: LogThreshold

    private let format: LogFormat
    private let output: LogOutput
    private let time: @Sendable () -> String

    /// - Parameter time: The time of day that a line begins with, RFC 3339.
    package init(
        format: LogFormat = .text,
        threshold: LogThreshold = LogThreshold(.info),
        output: LogOutput = .standardError,
        time: @escaping @Sendable () -> String = LogSink.currentTime
    ) {
        self.format = format
        self.threshold = threshold
        self.output = output
        self.time = time
    }

    /// The current time in UTC with milliseconds.
    package static let currentTime: @Sendable () -> String = { WallClock.text(nanoseconds: WallClock.nanoseconds) }

    func write(level: Logger.Level, label: String, message: String, metadata: Logger.Metadata) {
        let line = LogLine(time: time(), level: level, label: label, message: message, metadata: metadata)
        output.write(line.bytes(format), from: self)
    }

    /// A line that tells how many were not written.
    func line(telling dropped: Int) -> [UInt8] {
        LogLine(
            time: time(),
            level: .warning,
            label: "log",
            message: "log lines were dropped: whoever reads them was too slow or away",
            metadata: ["dropped": "\(dropped)"]
        ).bytes(format)
    }
}

/// The level from which on lines are written, for all loggers of a sink; it can change at any time.
package final class LogThreshold: Sendable {
    private static let levels = Logger.Level.allCases

    private let rank: Atomic<Int>

    package init(_ level: Logger.Level) {
        rank = Atomic(level.rank)
    }

    package var level: Logger.Level {
        get { Self.levels[rank.load(ordering: .relaxed)] }
        set { rank.store(newValue.rank, ordering: .relaxed) }
    }
}
