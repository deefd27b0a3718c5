#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A thread that is an executor and, where it is told to, polls librdkafka between the jobs.
///
/// As an actor's executor it makes the compiler see to it that every call of the actor is made on that one thread. As the
/// preferred executor of a task it runs all of the task but what belongs to other actors, so that nothing hops away in
/// between. Jobs are run in the order in which they come, and may block. A job that comes while the thread sits in a poll
/// ends the poll (`wake`).
///
/// The thread begins with the first that there is to do, and ends after `stop`, which its owner calls when it goes. A job
/// that comes later still is not lost: the thread begins anew for it.
///
/// `@unchecked Sendable`: everything that changes is read and written under `signal`'s lock.
package final class ExecutorThread: SerialExecutor, TaskExecutor, @unchecked Sendable {
    private let signal = ThreadSignal()
    private var jobs: [UnownedJob] = []
    private var round: (@Sendable () -> Bool)?
    private var wake: (@Sendable () -> Void)?
    private var isStopped = false
    private var isRunning = false
    private var thread: pthread_t?

    package init() {}

    /// Polls from now on.
    ///
    /// - Parameters:
    ///   - round: Polls once, for a short time; false ends the polling.
    ///   - wake: Ends a poll that is under way, or else the next one, at once. Called on any thread.
    func startPolling(wake: @escaping @Sendable () -> Void, round: @escaping @Sendable () -> Bool) {
        change {
            self.round = round
            self.wake = wake
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
    package func stop() {
        stopPolling()
        signal.locked {
            isStopped = true
            signal.notify()
        }
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        change {
            jobs.append(job)
            wake?()
        }
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    package func checkIsolated() {
        precondition(isCurrent, "called outside of the executor's own thread")
    }

    private var isCurrent: Bool {
        signal.locked { thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
    }

    /// Gives the thread something to do.
    private func change(_ body: () -> Void) {
        let begins = signal.locked {
            body()
            signal.notify()
            defer { isRunning = true }
            return !isRunning
        }
        if begins { OwnThread.start { self.run() } }
    }

    private func run() {
        signal.locked { thread = pthread_self() }
        let (serial, task) = (asUnownedSerialExecutor(), asUnownedTaskExecutor())
        while let work = nextWork() {
            for job in work.jobs { job.runSynchronously(isolatedTo: serial, taskExecutor: task) }
            if let round = work.round, !round() { stopPolling() }
        }
    }

    /// Waits for something to do; nil when it is over.
    private func nextWork() -> (jobs: [UnownedJob], round: (@Sendable () -> Bool)?)? {
        signal.locked {
            while jobs.isEmpty && round == nil && !isStopped { signal.wait() }
            guard !jobs.isEmpty || round != nil else {
                isRunning = false
                thread = nil
                return nil
            }
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
