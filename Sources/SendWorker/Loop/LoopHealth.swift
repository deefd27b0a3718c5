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

    /// Returns how long the loop has not moved, in nanoseconds.
    package func silence(at monotonic: Int64) -> Int64 {
        monotonic - last.load(ordering: .relaxed)
    }
}

/// Whether results become durable, told by the engine loop to whoever asks on another thread.
package final class CommitStatus: Sendable {
    private let overdue = Atomic(false)

    package init() {}

    /// True while something has been waiting to be committed for longer than it may; false again with the first success.
    package var isOverdue: Bool { overdue.load(ordering: .relaxed) }

    package func setOverdue(_ isOverdue: Bool) { overdue.store(isOverdue, ordering: .relaxed) }
}

/// Whether any partition can be worked on, told by the engine loop to whoever asks on another thread.
package final class RestoreStatus: Sendable {
    private let isWaiting = Atomic(false)

    package init() {}

    /// True while the state of every assigned partition is still being read: nothing can be sent.
    package var isWaitingForAll: Bool { isWaiting.load(ordering: .relaxed) }

    package func set(isWaitingForAll: Bool) { isWaiting.store(isWaitingForAll, ordering: .relaxed) }
}

/// Whether the worker has paused because too many accounts cannot send, told by the engine loop to whoever asks on another
/// thread.
package final class SafetyStatus: Sendable {
    private let text = Mutex<String?>(nil)

    package init() {}

    /// Why no calls are made, and what to do; nil while they are.
    package var reason: String? { text.withLock(\.self) }

    package func set(_ reason: String?) { text.withLock { $0 = reason } }
}
