import CRdKafka
import Synchronization

/// Tells once that no broker can be reached, and once that one can be again.
///
/// librdkafka reports the loss over and over and the return never; so while it lasts, a thread of its own asks for
/// metadata until somebody answers. Nothing else counts as an answer: a record may have been fetched before the loss.
final class ReachabilityMonitor: Sendable {
    private struct State {
        var isDown = false
        var hasAnswer = false
        /// The codes of the errors that were reported during this outage already.
        var reported: Set<Int32> = []
    }

    private let state = Mutex(State())

    /// The meaning of a reported error for the application; nil where it has been told or is only a broker among
    /// others.
    enum News {
        case brokersDown(KafkaError)
        case failure(KafkaError)
    }

    func news(of error: KafkaError, from handle: ClientHandle) -> News? {
        if error.isFatal { return .failure(error) }
        if error.code == KafkaError.Code.allBrokersDown {
            let isNew = state.withLock { state in
                defer { state.isDown = true }
                if !state.isDown { state.hasAnswer = false }
                return !state.isDown
            }
            guard isNew else { return nil }
            probe(handle)
            return .brokersDown(error)
        }
        return isWorthReporting(error) ? .failure(error) : nil
    }

    /// A single broker's connection trouble is in librdkafka's log; anything else is told once per outage.
    private func isWorthReporting(_ error: KafkaError) -> Bool {
        let connectionTrouble = [
            RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__RESOLVE, RD_KAFKA_RESP_ERR__TIMED_OUT,
        ]
        if connectionTrouble.contains(where: { $0.rawValue == error.code }) { return false }
        let repeating = [RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR__SSL]
        guard repeating.contains(where: { $0.rawValue == error.code }) else { return true }
        return state.withLock { $0.reported.insert(error.code).inserted }
    }

    private func noteAnswer() {
        state.withLock { $0.hasAnswer = true }
    }

    /// True once after each outage. Asked at every poll.
    func takeRecovery() -> Bool {
        state.withLock { state in
            guard state.isDown && state.hasAnswer else { return false }
            state = State()
            return true
        }
    }

    private func probe(_ handle: ClientHandle) {
        OwnThread.start { [weak handle] in
            while self.state.withLock({ $0.isDown && !$0.hasAnswer }) {
                // Held during the call only, so that a closed client is not kept.
                guard let client = handle else { return }
                if Self.answers(client.pointer, timeout: .milliseconds(500)) {
                    self.noteAnswer()
                } else {
                    // A refused connection fails at once; do not ask faster than this.
                    OwnThread.pause(milliseconds: 250)
                }
            }
        }
    }

    /// Whether a broker answers in this time. Blocks.
    static func answers(_ client: OpaquePointer, timeout: Duration) -> Bool {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let result = rd_kafka_metadata(client, 0, nil, &metadata, timeout.cMilliseconds)
        if let metadata { rd_kafka_metadata_destroy(metadata) }
        return result == RD_KAFKA_RESP_ERR_NO_ERROR
    }
}
