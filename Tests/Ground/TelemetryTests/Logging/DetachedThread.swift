import Foundation
import Synchronization

extension Thread {
    /// What a thread of its own came to.
    final class Result<Value: Sendable>: Sendable {
        private let done = DispatchSemaphore(value: 0)
        private let value = Mutex<Value?>(nil)

        init(_ body: @escaping @Sendable () -> Value) {
            Thread.detachNewThread {
                let result = body()
                self.value.withLock { $0 = result }
                self.done.signal()
            }
        }

        func wait() -> Value {
            done.wait()
            return value.withLock { $0! }
        }
    }

    /// Runs what blocks on a thread of its own.
    static func detached<Value: Sendable>(_ body: @escaping @Sendable () -> Value) -> Result<Value> { Result(body) }
}
