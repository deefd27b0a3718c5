import KafkaClient
import Synchronization

/// What librdkafka says by itself while something is tried: where a connection fails, the reason stands nowhere else.
final class KafkaComplaints: Sendable {
    private static let mostKept = 50

    private let lines = Mutex<[String]>([])

    func take(_ line: KafkaLogLine) {
        guard line.level <= 4 else { return }
        lines.withLock { lines in
            if lines.count < Self.mostKept { lines.append(Self.withoutThread(line.message)) }
        }
    }

    /// The last of them, without the moment that makes each one differ from the one before.
    var last: String? {
        lines.withLock { $0.last }
    }

    /// `[thrd:host:port/bootstrap]: ` at the front says nothing to a reader.
    private static func withoutThread(_ message: String) -> String {
        guard message.hasPrefix("[thrd:"), let end = message.firstRange(of: "]: ") else { return message }
        return String(message[end.upperBound...])
    }
}
