import Synchronization

/// Why librdkafka gives an assignment up. It says so nowhere but in a debug line, and there before it tells of the loss.
final class LossReasons: Sendable {
    /// What has to be switched on for these lines: a few around each rebalance and one for each heartbeat.
    static let debugContexts = ["cgrp"]

    private static let debugLevel = 7
    private static let facility = "LOST"
    private static let introduction = " lost: "

    private let latest = Mutex<String?>(nil)
    private let onLog: (@Sendable (KafkaLogLine) -> Void)?
    /// Whether the user has asked for debug lines.
    private let passesDebugLines: Bool

    init(_ configuration: KafkaConfiguration) {
        onLog = configuration.onLog
        passesDebugLines = configuration.properties.contains { $0.name == "debug" && !$0.value.isEmpty }
    }

    /// The last reason that was given, in librdkafka's words.
    var reason: String? { latest.withLock { $0 } }

    /// Takes a line of librdkafka's log on any thread, and passes it on where it is for the user.
    func take(_ line: KafkaLogLine) {
        if line.facility == Self.facility, let start = line.message.firstRange(of: Self.introduction)?.upperBound {
            latest.withLock { $0 = String(line.message[start...]) }
        }
        if line.level < Self.debugLevel || passesDebugLines { onLog?(line) }
    }
}
