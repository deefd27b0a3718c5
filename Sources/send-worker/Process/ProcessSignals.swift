import Reactor
import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Is told of signals that the process gets.
protocol SignalHandler: Sendable {
    /// Takes a signal; one after the other, on a thread that does nothing else.
    func take(_ signal: Int32)
}

/// Signals while something runs.
enum ProcessSignals {
    /// Runs work. Signals that come meanwhile are told to a handler.
    static func handling<Value: Sendable>(
        _ signals: [Int32],
        by handler: some SignalHandler,
        _ work: () async throws -> Value
    ) async throws -> Value {
        let reactor = try Reactor(name: "signals")
        let result: Result<Value, any Error>
        do {
            let source = try SignalSource(signals, on: reactor, handler: { handler.take($0) })
            defer { source.cancel() }
            result = .success(try await work())
        } catch {
            result = .failure(error)
        }
        await reactor.shutdown()
        return try result.get()
    }

    /// As it is written in a shell: `SIGTERM`.
    static func name(of signal: Int32) -> String {
        switch signal {
        case SIGTERM: "SIGTERM"
        case SIGINT: "SIGINT"
        case SIGHUP: "SIGHUP"
        default: "signal \(signal)"
        }
    }
}

/// The wish of a person to end something: the first SIGINT or SIGTERM is awaited, a second one ends the process at once.
final class Interruption: SignalHandler {
    static let signals = [SIGTERM, SIGINT]

    private let hasCome = Mutex(false)
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    func take(_ number: Int32) {
        let isFirst = hasCome.withLock { hasCome in
            defer { hasCome = true }
            return !hasCome
        }
        // The system ends the process at the next one, even while nothing here can run.
        for number in Self.signals { signal(number, SIG_DFL) }
        if isFirst { continuation.yield() } else { kill(getpid(), number) }
    }

    /// Returns when the signal has come, or the task is cancelled. One task may wait.
    func wait() async {
        for await _ in stream { return }
    }
}

/// Work that a person may end.
enum Interruptible {
    /// Runs work to its end. SIGINT and SIGTERM cancel it, and so does the time-out; what it then returns is returned.
    ///
    /// A second signal ends the process at once.
    static func run<Value: Sendable>(
        timeout: Duration? = nil,
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let interruption = Interruption()
        return try await ProcessSignals.handling(Interruption.signals, by: interruption) {
            try await run(until: interruption, timeout: timeout, work)
        }
    }

    private static func run<Value: Sendable>(
        until interruption: Interruption,
        timeout: Duration?,
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { tasks in
            tasks.addTask { try await work() }
            tasks.addTask {
                await interruption.wait()
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
