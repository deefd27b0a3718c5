import Synchronization

/// Whether the worker has paused because too many accounts cannot send, told by the engine loop to whoever asks on another
/// thread.
package final class SafetyStanding: Sendable {
    private let text = Mutex<String?>(nil)

    package init() {}

    /// Why no calls are made, and what to do; nil while they are.
    package var reason: String? { text.withLock(\.self) }

    package func set(_ reason: String?) { text.withLock { $0 = reason } }
}
