import SendWorker
import Synchronization
import Telemetry

/// Keeps the lines that a logger writes.
final class LogRecorder: Sendable {
    private let recorded = Mutex<[String]>([])

    var lines: [String] { recorded.withLock { $0 } }

    /// How many lines hold a text.
    func count(of text: String) -> Int {
        lines.count { $0.contains(text) }
    }

    /// A logger whose lines all bear the same time.
    func logger(_ format: WorkerConfiguration.Log.Format = .text, level: Logger.Level = .info) -> Logger {
        var settings = WorkerConfiguration.Log()
        settings.format = format
        settings.level = level
        let output = LogOutput { [self] bytes in recorded.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
        }
        let sink = LogSink(settings, output: output) { "2026-01-02T03:04:05.678Z" }
        return Logger(label: "test", to: sink)
    }
}
