import KafkaClient
import Synchronization

/// What librdkafka says by itself while something is tried: where a connection fails, the reason stands nowhere else.
final class KafkaComplaints: Sendable {
    private static let warningLevel = 4

    private let latest = Mutex<String?>(nil)

    func take(_ line: KafkaLogLine) {
        // A connection that the other side closes is no more to librdkafka than information. The reason is what comes before
        // "1/1 brokers are down".
        guard line.level <= Self.warningLevel || line.facility == "FAIL", !line.message.hasSuffix("brokers are down")
        else { return }
        latest.withLock { $0 = Self.withoutThread(line.message) }
    }

    /// The last of them, without the thread's name; nil where nothing was said since the last `forget`.
    var last: String? { latest.withLock { $0 } }

    func forget() { latest.withLock { $0 = nil } }

    /// `[thrd:host:port/bootstrap]: ` at the front says nothing to a reader.
    private static func withoutThread(_ message: String) -> String {
        guard message.hasPrefix("[thrd:"), let end = message.firstRange(of: "]: ") else { return message }
        return String(message[end.upperBound...])
    }
}

extension KafkaConfiguration {
    /// The same, with librdkafka's lines kept for whoever has to explain a failure.
    func complaining(to complaints: KafkaComplaints) -> KafkaConfiguration {
        var copy = self
        copy.onLog = { [onLog] line in
            complaints.take(line)
            onLog?(line)
        }
        return copy
    }
}
