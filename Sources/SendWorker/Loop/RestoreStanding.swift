import Synchronization

/// Whether any partition can be worked on, told by the engine loop to whoever asks on another thread.
package final class RestoreStanding: Sendable {
    private let isWaiting = Atomic(false)

    package init() {}

    /// True while the state of every assigned partition is still being read: nothing can be sent.
    package var isWaitingForAll: Bool { isWaiting.load(ordering: .relaxed) }

    package func set(isWaitingForAll: Bool) { isWaiting.store(isWaitingForAll, ordering: .relaxed) }
}
