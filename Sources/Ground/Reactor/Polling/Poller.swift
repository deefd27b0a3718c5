#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// One event as the system gave it.
struct PolledEvent {
    var watch: Watch
    var readiness: Readiness
}

extension Watch {
    /// The key of the poller's own wake-ups.
    static let wakeUp = Watch(slot: .max, generation: .max)
}

/// The longest wait that is given to the system; a later deadline is looked at again then.
let longestWait: Int64 = 24 * 3_600 * 1_000_000_000

/// The most events that one turn takes from the system, so that timers and queued work come in between.
let eventsPerTurn: Int32 = 256

/// `close`, where a member of that name hides it. It is never called again: after EINTR the descriptor is closed too.
func closeDescriptor(_ descriptor: Int32) { _ = close(descriptor) }
