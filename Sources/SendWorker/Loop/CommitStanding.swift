import Synchronization

/// Whether results become durable, told by the engine loop to whoever asks on another thread.
package final class CommitStanding: Sendable {
    private let overdue = Atomic(false)

    package init() {}

    /// True while something has been waiting to be committed for longer than it may; false again with the first success.
    package var isOverdue: Bool { overdue.load(ordering: .relaxed) }

    package func setOverdue(_ isOverdue: Bool) { overdue.store(isOverdue, ordering: .relaxed) }
}
