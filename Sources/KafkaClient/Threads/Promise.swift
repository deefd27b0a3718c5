import Synchronization

/// A value that comes later, once; a waiter gives up after a time.
final class Promise<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Value?, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Gives the value; a second one is ignored.
    func fulfil(_ value: Value) {
        let waiters = state.withLock { state -> [CheckedContinuation<Value?, Never>] in
            guard state.value == nil else { return [] }
            state.value = value
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume(returning: value) }
    }

    /// The value where it has come.
    var value: Value? { state.withLock { $0.value } }

    /// Waits for the value at most so long; nil when it did not come in time.
    func wait(timeout: Duration) async -> Value? {
        let number = state.withLock { state in
            defer { state.nextWaiter += 1 }
            return state.nextWaiter
        }
        var timer: Task<Void, Never>?
        defer { timer?.cancel() }
        return await withCheckedContinuation { continuation in
            let known = state.withLock { state -> Value? in
                if state.value == nil { state.waiters[number] = continuation }
                return state.value
            }
            if let known {
                continuation.resume(returning: known)
            } else {
                // Only now, so that it cannot run out before there is something to end.
                timer = Task {
                    do { try await Task.sleep(for: max(timeout, .zero)) } catch { return }
                    self.expire(number)
                }
            }
        }
    }

    private func expire(_ number: Int) {
        state.withLock { $0.waiters.removeValue(forKey: number) }?.resume(returning: nil)
    }
}
