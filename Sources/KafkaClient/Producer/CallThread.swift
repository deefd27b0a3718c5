import Synchronization

/// The thread on which a producer's blocking calls are made, one after the other, for as long as the producer lives.
///
/// A call that outlasts its time-out by far is given up, and its thread is left behind with it; the next call begins on a
/// new one. Sending offsets has no time-out but those of its requests. Newer versions (seen with 2.16.0) let go of brokers
/// that the metadata do not name any more, as of one that died, but may remember one as the group's coordinator and send
/// the offsets to it: such a request neither leaves nor times out, and the call never returns.
final class CallThread: Sendable {
    private struct State {
        var thread = ExecutorThread()
        var hasHangingCall = false
    }

    /// The time that a call may take beyond its own time-out: a busy machine lets it return late.
    private static let grace = Duration.seconds(2)

    private let grace: Duration
    private let state = Mutex(State())

    init(grace: Duration = CallThread.grace) {
        self.grace = grace
    }

    /// Whether a call was given up: it holds what it works on, perhaps for good.
    var hasHangingCall: Bool { state.withLock(\.hasHangingCall) }

    /// Makes a call, and gives it up where it outlasts its time-out by far.
    ///
    /// - Parameter body: The call; returns its error.
    func make(
        _ operation: String,
        within timeout: Duration,
        _ body: @escaping @Sendable () -> KafkaError?
    ) async throws {
        let answer = Promise<Result<Void, KafkaError>>()
        let thread = state.withLock(\.thread)
        Task(executorPreference: thread) { answer.fulfil(body().map { .failure($0) } ?? .success(())) }
        guard let result = await answer.wait(timeout: timeout + grace) else {
            leave(thread)
            throw KafkaError.timeout(operation, after: timeout + grace)
        }
        try result.get()
    }

    /// Ends the thread after the call that runs.
    func stop() { state.withLock(\.thread).stop() }

    private func leave(_ thread: ExecutorThread) {
        thread.stop()
        state.withLock { state in
            state.hasHangingCall = true
            if state.thread === thread { state.thread = ExecutorThread() }
        }
    }
}
