import Foundation
import UnixSignals

/// Work that a person may end.
enum Interruptible {
    /// Runs work to its end. SIGINT and SIGTERM cancel it, and so does the time-out; what it then returns is returned.
    ///
    /// A second signal ends the process at once.
    static func run<Value: Sendable>(
        timeout: Duration? = nil,
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        return try await withThrowingTaskGroup(of: Value?.self) { tasks in
            tasks.addTask { try await work() }
            tasks.addTask {
                for await _ in signals {
                    signal(SIGINT, SIG_DFL)
                    signal(SIGTERM, SIG_DFL)
                    break
                }
                return nil
            }
            if let timeout {
                tasks.addTask {
                    try? await Task.sleep(for: timeout)
                    return nil
                }
            }
            defer { tasks.cancelAll() }
            while let value = try await tasks.next() {
                if let value { return value }
                tasks.cancelAll()
            }
            throw CancellationError()
        }
    }
}
