import Synchronization

/// Collects events from many threads for one reader that takes them all at once.
///
/// One hop to the reader per batch, however many events arrive meanwhile.
final class Mailbox<Event: Sendable>: Sendable {
    private struct State {
        var events: [Event] = []
        var isReaderAwake = false
    }

    private let state = Mutex(State())

    /// Adds an event. Returns true where the reader has to be woken.
    func put(_ event: Event) -> Bool {
        state.withLock { state in
            state.events.append(event)
            defer { state.isReaderAwake = true }
            return !state.isReaderAwake
        }
    }

    /// Takes everything there is; an empty answer means that the reader may rest until it is woken again.
    func takeAll() -> [Event] {
        state.withLock { state in
            guard !state.events.isEmpty else {
                state.isReaderAwake = false
                return []
            }
            var taken: [Event] = []
            taken.reserveCapacity(state.events.count)
            swap(&taken, &state.events)
            return taken
        }
    }
}
