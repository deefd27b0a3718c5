import Synchronization

/// The port the simulator listens on, for those who wait for it.
final class BoundPort: Sendable {
    private enum State {
        case starting(waiting: [UInt64: CheckedContinuation<Int, any Error>])
        case listening(Int)
        case stopped
    }

    private let state = Mutex((State.starting(waiting: [:]), lastWaiter: UInt64(0)))

    /// Waits until the simulator listens; throws ``SimulatorStopped`` where it ended before, `CancellationError` where
    /// the waiting task is cancelled.
    func value() async throws -> Int {
        let waiter = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if let result = register(continuation, as: waiter) { continuation.resume(with: result) }
            }
        } onCancel: {
            removeWaiter(waiter)?.resume(throwing: CancellationError())
        }
    }

    func listen(on port: Int) {
        for continuation in change(to: .listening(port)) { continuation.resume(returning: port) }
    }

    func stop() {
        for continuation in change(to: .stopped) { continuation.resume(throwing: SimulatorStopped()) }
    }

    /// What is known already; nil where the continuation waits now.
    private func register(
        _ continuation: CheckedContinuation<Int, any Error>,
        as waiter: UInt64
    ) -> Result<Int, any Error>? {
        state.withLock { state in
            switch state.0 {
            case .listening(let port): return .success(port)
            case .stopped: return .failure(SimulatorStopped())
            case .starting(var waiting):
                if Task.isCancelled { return .failure(CancellationError()) }
                waiting[waiter] = continuation
                state.0 = .starting(waiting: waiting)
                return nil
            }
        }
    }

    private func removeWaiter(_ waiter: UInt64) -> CheckedContinuation<Int, any Error>? {
        state.withLock { state in
            guard case .starting(var waiting) = state.0 else { return nil }
            let continuation = waiting.removeValue(forKey: waiter)
            state.0 = .starting(waiting: waiting)
            return continuation
        }
    }

    private func change(to new: State) -> [CheckedContinuation<Int, any Error>] {
        state.withLock { state in
            defer { state.0 = new }
            if case .starting(let waiting) = state.0 { return Array(waiting.values) }
            return []
        }
    }
}

/// The simulator ended before it listened.
package struct SimulatorStopped: Error, CustomStringConvertible {
    package var description: String { "the Graph simulator ended before it listened; run() tells why" }
}
