#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A lock on which a thread can wait to be notified.
///
/// Lifetime: the mutex and the condition live at addresses of their own from `init` to `deinit`, since the system
/// keeps pointers to them; nobody may hold the lock when the last reference goes.
///
/// `@unchecked Sendable`: the two pointers never change, and what they point to is made for many threads.
final class ThreadSignal: @unchecked Sendable {
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
