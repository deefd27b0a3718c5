import FoundationEssentials
package import InstagramMessaging
import Reactor
package import SendEngine

/// The two clocks of the worker, given in as functions so that a test can turn them.
package struct WorkerClock: Sendable {
    private let readMonotonic: @Sendable () -> Int64
    private let readWall: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - monotonic: Nanoseconds on a clock that never goes back.
    ///   - wall: The wall clock.
    package init(
        monotonic: @escaping @Sendable () -> Int64,
        wall: @escaping @Sendable () -> Timestamp
    ) {
        self.readMonotonic = monotonic
        self.readWall = wall
    }

    /// The machine's clocks.
    package static let system = WorkerClock(
        monotonic: { Reactor.monotonicNow() },
        wall: { Timestamp(millisecondsSinceEpoch: Int64(Date().timeIntervalSince1970 * 1000)) }
    )

    /// In nanoseconds, read now.
    var monotonic: Int64 { readMonotonic() }

    /// Both clocks, read now.
    package var now: EngineTime { EngineTime(monotonic: readMonotonic(), wall: readWall()) }
}

extension Duration {
    /// Whole milliseconds, for people.
    package var inMilliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
