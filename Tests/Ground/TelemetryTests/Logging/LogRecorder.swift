import Synchronization

@testable import Telemetry

/// Keeps the lines that a logger writes.
final class LogRecorder: Sendable {
    private let recorded = Mutex<[String]>([])

    var lines: [String] { recorded.withLock { $0 } }

    /// A logger whose lines all bear the same time.
    func logger(_ format: LogFormat = .text, level: Logger.Level = .info) -> Logger {
        let output = LogOutput { [self] bytes in
            recorded.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
        }
        let sink = LogSink(format: format, threshold: LogThreshold(level), output: output) {
            "2026-01-02T03:04:05.678Z"
        }
        return Logger(label: "test", to: sink)
    }
}
