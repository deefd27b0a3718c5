import Synchronization

/// Remembers when a loop last moved, so that somebody else can tell when it has stalled.
package final class Heartbeat: Sendable {
    private let last: Atomic<Int64>

    /// - Parameter start: The present, in nanoseconds on the monotonic clock.
    package init(start: Int64) {
        last = Atomic(start)
    }

    /// Notes that the loop moves.
    package func beat(at monotonic: Int64) {
        last.store(monotonic, ordering: .relaxed)
    }

    /// How long the loop has not moved, in nanoseconds.
    package func silence(at monotonic: Int64) -> Int64 {
        monotonic - last.load(ordering: .relaxed)
    }
}
