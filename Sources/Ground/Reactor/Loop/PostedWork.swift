import Containers
import Synchronization

/// The work that other threads want a reactor to do, and whether it must be woken for that.
///
/// The queue is the truth: a wake-up only says that somebody should look. The reactor states under the lock that it is
/// going to sleep, having found the queue empty; whoever then posts first clears that statement and wakes it. So a
/// batch of posts costs one wake-up, and posts to a reactor that is busy cost none.
final class PostedWork: Sendable {
    enum Item: Sendable {
        case work(@Sendable () -> Void)
        case job(UnownedJob)
    }

    /// The answer to a post, from which the poster knows what to do.
    enum Admission {
        case queued
        case queuedWakeUp
        /// The reactor is ending or has ended.
        case refused
    }

    private struct State: Sendable {
        var items = Deque<Item>()
        var isAsleep = false
        var isEnding = false
        var hasEnded = false
        var waitingForEnd: [CheckedContinuation<Void, Never>] = []
        /// Whether a thread is there for jobs that came after the end.
        var hasLateThread = false

        mutating func append(_ item: Item) -> Admission {
            items.append(item)
            defer { isAsleep = false }
            return isAsleep ? .queuedWakeUp : .queued
        }
    }

    private let state = Mutex(State())

    /// Queues work, which is refused once the end is asked: else those who go on posting could put it off for ever.
    func post(_ work: @escaping @Sendable () -> Void) -> Admission {
        state.withLock { state in state.isEnding ? .refused : state.append(.work(work)) }
    }

    /// Queues a job, which is refused once the end has come. Until then tasks that are under way get on.
    func post(_ job: UnownedJob) -> Admission {
        state.withLock { state in state.hasEnded ? .refused : state.append(.job(job)) }
    }

    /// Exchanges the queue for an empty one, and states that the reactor is awake.
    ///
    /// - Returns: Whether its end is asked.
    func take(into empty: inout Deque<Item>) -> Bool {
        state.withLock { state in
            state.isAsleep = false
            if !state.items.isEmpty { swap(&state.items, &empty) }
            return state.isEnding
        }
    }

    /// States that the reactor is going to sleep.
    ///
    /// - Returns: False where there is something to do, and the reactor must not sleep.
    func fallAsleep() -> Bool {
        state.withLock { state in
            guard state.items.isEmpty, !state.isEnding else { return false }
            state.isAsleep = true
            return true
        }
    }

    /// Asks for the end.
    ///
    /// - Returns: Whether the reactor must be woken for it.
    func end() -> Bool {
        state.withLock { state in
            state.isEnding = true
            defer { state.isAsleep = false }
            return state.isAsleep
        }
    }

    /// Ends the queue if it is empty; from then on everything is refused.
    func finishIfEmpty() -> Bool {
        state.withLock { state in
            guard state.items.isEmpty else { return false }
            state.hasEnded = true
            return true
        }
    }

    /// Waits until the queue has ended.
    func waitForEnd() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.hasEnded { state.waitingForEnd.append(continuation) }
                return state.hasEnded
            }
            if isOver { continuation.resume() }
        }
    }

    /// Lets those go on that wait for the end.
    func announceEnd() {
        let waiting = state.withLock { state in
            defer { state.waitingForEnd = [] }
            return state.waitingForEnd
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Queues a job after the end, since a task that never runs again would never release what it holds.
    ///
    /// - Returns: Whether a thread must be started that runs such jobs until `popLate` gives none.
    func postLate(_ job: UnownedJob) -> Bool {
        state.withLock { state in
            state.items.append(.job(job))
            defer { state.hasLateThread = true }
            return !state.hasLateThread
        }
    }

    func popLate() -> Item? {
        state.withLock { state in
            let item = state.items.popFirst()
            if item == nil { state.hasLateThread = false }
            return item
        }
    }
}
