import Synchronization
package import Telemetry

/// The level from which on lines are written, for all loggers of a process; it can change at any time.
package final class LogThreshold: Sendable {
    private static let levels = Logger.Level.allCases

    private let index: Atomic<Int>

    package init(_ level: Logger.Level) {
        index = Atomic(Self.index(of: level))
    }

    package var level: Logger.Level {
        get { Self.levels[index.load(ordering: .relaxed)] }
        set { index.store(Self.index(of: newValue), ordering: .relaxed) }
    }

    private static func index(of level: Logger.Level) -> Int { levels.firstIndex(of: level) ?? 0 }
}
