import Synchronization

/// Where events go before there is a loop to take them: the consumer has to exist before the loop, and the loop before
/// the consumer's first event is handled.
final class LoopEntrance: Sendable {
    private enum State {
        case closed([LoopEvent])
        case open(EngineLoop)
    }

    private let state = Mutex(State.closed([]))

    func callAsFunction(_ event: LoopEvent) {
        let loop: EngineLoop? = state.withLock { state in
            switch state {
            case .open(let loop): return loop
            case .closed(let events):
                state = .closed(events + [event])
                return nil
            }
        }
        loop?.post(event)
    }

    func open(to loop: EngineLoop) {
        state.withLock { state in
            if case .closed(let events) = state {
                for event in events { loop.post(event) }
            }
            state = .open(loop)
        }
    }
}
