import CRdKafka
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

/// The record of a `publish` that a message stands for: the message's `opaque`.
///
/// Lifetime: retained when the message is given to librdkafka and released by its delivery report, of which librdkafka
/// promises exactly one for each message that it took; or at once where it did not take the message.
final class DeliveryTicket {
    let batch: PublishBatch
    let index: Int

    init(batch: PublishBatch, index: Int) {
        self.batch = batch
        self.index = index
    }

    static func registerReports(with configuration: OpaquePointer?) {
        rd_kafka_conf_set_dr_msg_cb(configuration) { client, message, _ in
            guard let message, let opaque = message.pointee._private else { return }
            let ticket = Unmanaged<DeliveryTicket>.fromOpaque(opaque).takeRetainedValue()
            let code = message.pointee.err
            if code == RD_KAFKA_RESP_ERR_NO_ERROR {
                let place = WrittenPlace(partition: message.pointee.partition, offset: message.pointee.offset)
                ticket.batch.end(ticket.index, .success(place))
            } else {
                let fatal = client.flatMap { KafkaError(fatalErrorOf: $0, operation: "publish") }
                ticket.batch.end(ticket.index, .failure(fatal ?? KafkaError(code, operation: "publish")))
            }
        }
    }
}

/// The thread that serves a producer's delivery reports and other callbacks.
///
/// It holds the client until it is stopped, and does not end before every message under way has its report: what has
/// not been delivered by then is purged.
final class ReportThread: Sendable {
    private struct State {
        var isStopped = false
        var waiters: [CheckedContinuation<Void, Never>] = []
        /// The queue of reports, while they are served.
        var queue: QueueHandle?
    }

    let ended = Promise<Bool>()
    private let state = Mutex(State())

    /// - Parameter afterRound: Called after every poll, at least every 100 ms.
    func start(_ client: ClientHandle, afterRound: @escaping @Sendable () -> Void) {
        state.withLock { $0.queue = QueueHandle(mainQueueOf: client) }
        OwnThread.start {
            while !self.state.withLock({ $0.isStopped }) {
                rd_kafka_poll(client.pointer, 100)
                self.resumeWaiters()
                afterRound()
            }
            self.state.withLock { $0.queue = nil }
            Self.purge(client)
            self.resumeWaiters()
            self.ended.fulfil(true)
        }
    }

    func stop() {
        state.withLock { state in
            state.isStopped = true
            // Ends the poll that is under way.
            state.queue?.yield()
        }
    }

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
