import Synchronization
package import Telemetry

/// The steps of a shutdown, each with a time limit: what hangs is named in the log and left behind, and the next step
/// follows. librdkafka's close is known to hang now and then, and a worker that cannot end keeps its supervisor waiting.
package final class ShutdownSteps: Sendable {
    private let logger: Logger
    private let sleep: @Sendable (Duration) async throws -> Void
    private let names = Mutex<[String]>([])

    /// - Parameter sleep: Waits for a step's time to pass; given in so that a test need not.
    package init(
        logger: Logger,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.logger = logger
        self.sleep = sleep
    }

    /// The steps that did not end in time, in order.
    package var hung: [String] { names.withLock(\.self) }

    /// Runs a step and returns when it has ended or its time has passed; in that case it is cancelled and goes on by
    /// itself. The caller's own cancellation does not cut a step short.
    ///
    /// - Parameters:
    ///   - name: What the step does, as in "leaving the consumer group".
    ///   - limit: The longest time to wait.
    ///   - body: The step; false where it left something behind that hangs.
    package func run(_ name: String, within limit: Duration, _ body: @escaping @Sendable () async -> Bool) async {
        let end = FirstWord<Bool>()
        let work = Task { end.say(await body()) }
        let alarm = Task {
            do { try await sleep(limit) } catch { return }
            end.say(false)
        }
        let isDone = await end.heard()
        alarm.cancel()
        guard !isDone else { return }
        work.cancel()
        names.withLock { $0.append(name) }
        logger.error(
            "a step of the shutdown hangs and is left behind",
            metadata: ["step": "\(name)", "limit": "\(limit)"]
        )
    }

    /// - Throws: `WorkerFailure` of kind `failed` where a step hung.
    package func check() throws(WorkerFailure) {
        let hung = hung
        guard !hung.isEmpty else { return }
        throw WorkerFailure(
            .failed,
            "the worker stopped, but not in order: \(hung.joined(separator: ", ")) did not end in time"
        )
    }
}

/// The first of several things to be said, for the one who waits for it.
package final class FirstWord<Word: Sendable>: Sendable {
    private enum State {
        case silence
        case awaited(CheckedContinuation<Word, Never>)
        case said(Word)
    }

    private let state = Mutex(State.silence)

    package init() {}

    /// Says something; only the first counts.
    package func say(_ word: Word) {
        let waiting: CheckedContinuation<Word, Never>? = state.withLock { state in
            switch state {
            case .silence:
                state = .said(word)
                return nil
            case .awaited(let continuation):
                state = .said(word)
                return continuation
            case .said: return nil
            }
        }
        waiting?.resume(returning: word)
    }

    /// Waits for the first word, whether or not the task is cancelled. To be called once.
    package func heard() async -> Word {
        await withCheckedContinuation { continuation in
            let word: Word? = state.withLock { state in
                if case .said(let word) = state { return word }
                state = .awaited(continuation)
                return nil
            }
            if let word { continuation.resume(returning: word) }
        }
    }
}
