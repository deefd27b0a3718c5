import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// One signal of a source: the action that the process had for it, and the pipe that the reactor reads.
///
/// `@unchecked Sendable`: the watch is used on the reactor's thread only, the rest is constant or locked.
final class SignalWatch: ReadinessHandler, @unchecked Sendable {
    private let signal: Int32
    private let handler: @Sendable (Int32) -> Void
    private let descriptor: Int32
    /// The process's action before; nil once that is restored.
    private let before: Mutex<sigaction?>
    private var watch: Watch?

    init(_ signal: Int32, on reactor: Reactor, _ handler: @escaping @Sendable (Int32) -> Void) throws(ReactorError) {
        self.signal = signal
        self.handler = handler
        descriptor = try SignalPipes.claim(signal)
        var action = sigaction()
        #if canImport(Darwin)
        action.__sigaction_u.__sa_handler = SignalPipes.note
        #else
        action.__sigaction_handler.sa_handler = SignalPipes.note
        #endif
        action.sa_flags = SA_RESTART
        var before = sigaction()
        guard sigaction(signal, &action, &before) == 0 else {
            let code = errno
            SignalPipes.release(signal)
            throw ReactorError(attempt: "handle signal \(signal)", code: code)
        }
        self.before = Mutex(before)
        reactor.execute { self.watch = try? reactor.watch(self.descriptor, for: .read, handler: self) }
    }

    func ready(_ readiness: Readiness) {
        for _ in 0..<takeSignals() { handler(signal) }
    }

    func cancel(on reactor: Reactor) {
        let isFirst = before.withLock { before in
            guard var action = before.take() else { return false }
            sigaction(signal, &action, nil)
            return true
        }
        guard isFirst else { return }
        reactor.execute {
            if let watch = self.watch { reactor.unwatch(watch) }
        }
        SignalPipes.release(signal)
    }

    /// Returns the number of signals since the last look. Once cancelled, the pipe may be another source's already.
    private func takeSignals() -> Int {
        before.withLock { $0 == nil ? 0 : SignalPipes.drain(descriptor) }
    }
}
