import CRdKafka
import Synchronization

/// The thread that serves a producer's delivery reports and other callbacks.
///
/// It holds the client until it is stopped, and does not end before every message under way has its report: what has
/// not been delivered by then is purged.
final class ReportThread: Sendable {
    private struct State {
        var isStopped = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    let ended = Promise<Bool>()
    private let state = Mutex(State())

    /// - Parameter afterRound: Called after every poll, at least every 100 ms.
    func start(_ client: ClientHandle, afterRound: @escaping @Sendable () -> Void) {
        OwnThread.start {
            while !self.state.withLock({ $0.isStopped }) {
                rd_kafka_poll(client.pointer, 100)
                self.resumeWaiters()
                afterRound()
            }
            Self.purge(client)
            self.resumeWaiters()
            self.ended.fulfil(true)
        }
    }

    func stop() { state.withLock { $0.isStopped = true } }

    /// Waits until reports may have made room in the queue; false where none will come any more.
    func nextRound() async -> Bool {
        await withCheckedContinuation { continuation in
            let isStopped = state.withLock { state in
                if !state.isStopped { state.waiters.append(continuation) }
                return state.isStopped
            }
            if isStopped { continuation.resume() }
        }
        return state.withLock { !$0.isStopped }
    }

    private func resumeWaiters() {
        let waiters = state.withLock { state in
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    private static func purge(_ client: ClientHandle) {
        while rd_kafka_outq_len(client.pointer) > 0 {
            rd_kafka_purge(client.pointer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
            rd_kafka_poll(client.pointer, 20)
        }
    }
}
