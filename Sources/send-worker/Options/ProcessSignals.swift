import Reactor

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Whoever is told of signals that the process gets.
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
