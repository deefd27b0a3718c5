import InstagramMessaging
import SendEngine
import Synchronization

/// What happened lately, for the status page: fed from any thread, bounded whatever happens.
package final class RecentActivity: Sendable {
    private struct State {
        var history: RecentHistory
        var deadLetters = RecentDeadLetters()
        var totals: [SendResult.Status: Int] = [:]
    }

    private let clock: WorkerClock
    private let state: Mutex<State>

    package init(clock: WorkerClock = .system) {
        self.clock = clock
        state = Mutex(State(history: RecentHistory(origin: clock.now.monotonic)))
    }

    /// Results have become durable.
    func ended(_ endings: [Delivery.Ending]) {
        guard !endings.isEmpty else { return }
        let now = clock.now.monotonic
        state.withLock { state in
            for ending in endings {
                state.history.record(ending.result, at: now)
                state.deadLetters.record(ending.result)
                state.totals[ending.result.status, default: 0] += 1
            }
        }
    }

    /// A call has ended.
    func callEnded(_ outcome: CallOutcome, nanoseconds: Int64) {
        let now = clock.now.monotonic
        state.withLock { state in
            state.history.record(
                outcome.outcomeClass,
                nanoseconds: outcome.wasStarted ? nanoseconds : nil,
                at: now
            )
        }
    }

    /// What is to be shown now.
    var summary: ActivitySummary {
        let now = clock.now
        let (history, deadLetters, totals) = state.withLock { ($0.history, $0.deadLetters, $0.totals) }
        return ActivitySummary(history: history, deadLetters: deadLetters, totals: totals, now: now)
    }
}
