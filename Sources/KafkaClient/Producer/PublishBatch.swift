import Synchronization

/// The outcomes of the records that one `publish` gave to librdkafka.
final class PublishBatch: Sendable {
    private struct State {
        var outcomes: [Result<WrittenPlace, KafkaError>?]
        var remaining: Int
        var waiter: CheckedContinuation<[Result<WrittenPlace, KafkaError>], Never>?

        var all: [Result<WrittenPlace, KafkaError>] { outcomes.compactMap(\.self) }
    }

    private let state: Mutex<State>

    init(count: Int) {
        state = Mutex(State(outcomes: Array(repeating: nil, count: count), remaining: count))
    }

    /// Notes how one record fared, on any thread; a second outcome for it is ignored.
    func end(_ index: Int, _ outcome: Result<WrittenPlace, KafkaError>) {
        let finished = state.withLock { state in
            guard state.outcomes[index] == nil else { return nil as (() -> Void)? }
            state.outcomes[index] = outcome
            state.remaining -= 1
            guard state.remaining == 0, let waiter = state.waiter else { return nil }
            state.waiter = nil
            let all = state.all
            return { waiter.resume(returning: all) }
        }
        finished?()
    }

    /// Waits for the last outcome. May be called once.
    func outcomes() async -> [Result<WrittenPlace, KafkaError>] {
        await withCheckedContinuation { continuation in
            let all = state.withLock { state -> [Result<WrittenPlace, KafkaError>]? in
                if state.remaining == 0 { return state.all }
                state.waiter = continuation
                return nil
            }
            if let all { continuation.resume(returning: all) }
        }
    }
}
