import Synchronization

/// Tells the worker once that it is to stop, and why.
package final class StopSignal: Sendable {
    private struct State {
        var isRequested = false
        var failure: WorkerFailure?
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Asks for the stop; nil means an orderly one. Only the first request counts.
    package func request(_ failure: WorkerFailure?) {
        let waiting = state.withLock { state in
            guard !state.isRequested else { return [CheckedContinuation<Void, Never>]() }
            state.isRequested = true
            state.failure = failure
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits for the request, or for the cancellation of the waiting task.
    ///
    /// - Returns: The failure that asked for the stop; nil for an orderly one.
    package func wait() async -> WorkerFailure? {
        let waiter = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.isRequested || Task.isCancelled { return true }
                    state.waiting[waiter] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let continuation = state.withLock { $0.waiting.removeValue(forKey: waiter) }
            continuation?.resume()
        }
        return state.withLock(\.failure)
    }

    /// Runs something that a stop request cuts short: it is cancelled then, and not waited for.
    ///
    /// - Returns: False where the request came first.
    package func interrupting(_ body: @escaping @Sendable () async throws -> Void) async throws -> Bool {
        let end = FirstWord<Result<Bool, any Error>>()
        let work = Task {
            do {
                try await body()
                end.say(.success(true))
            } catch {
                end.say(.failure(error))
            }
        }
        let watch = Task {
            _ = await wait()
            if !Task.isCancelled { end.say(.success(false)) }
        }
        defer {
            work.cancel()
            watch.cancel()
        }
        let result = await withTaskCancellationHandler {
            await end.heard()
        } onCancel: {
            work.cancel()
        }
        return try result.get()
    }
}
