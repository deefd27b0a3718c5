#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A thread that is an actor's executor and, between the actor's jobs, polls librdkafka.
///
/// So the compiler sees to it that every call of the actor is made on that one thread. A job that comes while the
/// thread sits in a poll ends the poll (`wake`). The thread lives from `start` to `stop`, which the actor calls when
/// it goes.
///
/// `@unchecked Sendable`: everything that changes is read and written under `signal`'s lock.
final class PollThread: SerialExecutor, @unchecked Sendable {
    private let signal = ThreadSignal()
    private var jobs: [UnownedJob] = []
    private var round: (@Sendable () -> Bool)?
    private var wake: (@Sendable () -> Void)?
    private var isStopped = false
    private var thread: pthread_t?

    func start() {
        OwnThread.start { self.run() }
    }

    /// Polls from now on.
    ///
    /// - Parameters:
    ///   - round: Polls once, for a short time; false ends the polling.
    ///   - wake: Ends a poll that is under way, or else the next one, at once. Called on any thread.
    func startPolling(wake: @escaping @Sendable () -> Void, round: @escaping @Sendable () -> Bool) {
        signal.locked {
            self.round = round
            self.wake = wake
            signal.notify()
        }
    }

    /// Polls no more and lets go of both closures; jobs are run as before.
    func stopPolling() {
        let dropped = signal.locked {
            defer {
                round = nil
                wake = nil
            }
            return (round, wake)
        }
        // Let go outside of the lock: a closure may hold the last reference to something.
        withExtendedLifetime(dropped) {}
    }

    /// Ends the thread after the jobs that it has already been given.
    func stop() {
        stopPolling()
        signal.locked {
            isStopped = true
            signal.notify()
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        signal.locked {
            jobs.append(job)
            wake?()
            signal.notify()
        }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    func checkIsolated() {
        precondition(isCurrent, "called outside of the client's own thread")
    }

    private var isCurrent: Bool {
        signal.locked { thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
    }

    private func run() {
        signal.locked { thread = pthread_self() }
        let executor = asUnownedSerialExecutor()
        while let work = nextWork() {
            for job in work.jobs { job.runSynchronously(on: executor) }
            if let round = work.round, !round() { stopPolling() }
        }
    }

    /// Waits for something to do; nil when it is over.
    private func nextWork() -> (jobs: [UnownedJob], round: (@Sendable () -> Bool)?)? {
        signal.locked {
            while jobs.isEmpty && round == nil && !isStopped { signal.wait() }
            guard !jobs.isEmpty || round != nil else { return nil }
            defer { jobs.removeAll(keepingCapacity: true) }
            return (jobs, round)
        }
    }
}

/// A lock on which a thread can wait to be notified.
///
/// Lifetime: the mutex and the condition live at addresses of their own from `init` to `deinit`, since the system
/// keeps pointers to them; nobody may hold the lock when the last reference goes.
///
/// `@unchecked Sendable`: the two pointers never change, and what they point to is made for many threads.
private final class ThreadSignal: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func locked<Value>(_ body: () -> Value) -> Value {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// Waits, within `locked`, for the next `notify`; it may also wake for no reason.
    func wait() { pthread_cond_wait(condition, mutex) }

    func notify() { pthread_cond_broadcast(condition) }
}
