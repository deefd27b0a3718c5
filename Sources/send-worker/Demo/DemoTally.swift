import InstagramMessaging
import Synchronization

/// Counts results as they arrive.
final class DemoTally: Sendable {
    struct Counts: Sendable {
        var results: [SendResult] = []
        var published = 0
        var byStatus: [SendResult.Status: Int] = [:]
        var attempts = 0
        var retries = 0
        var undecodable = 0
    }

    private let state = Mutex(Counts())

    var counts: Counts { state.withLock { $0 } }

    func published(_ count: Int) {
        state.withLock { $0.published += count }
    }

    func add(_ result: SendResult) {
        state.withLock { counts in
            counts.results.append(result)
            counts.byStatus[result.status, default: 0] += 1
            counts.attempts += result.attempts
            counts.retries += max(result.attempts - 1, 0)
        }
    }

    func addUndecodable() {
        state.withLock { $0.undecodable += 1 }
    }
}
