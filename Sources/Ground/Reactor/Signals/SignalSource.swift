#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The process's signals as a whole.
package enum Signals {
    /// Ignores SIGPIPE in the whole process: writing to what is closed then fails with EPIPE.
    package static func ignoreBrokenPipe() { signal(SIGPIPE, SIG_IGN) }
}

/// Signals of the process, told to a handler on a reactor's thread.
///
/// The system's handler only writes a byte to a pipe that the reactor reads. The pipe is there before the handler is
/// set, and the bytes wait in it until the reactor reads: no signal is lost from `init` on, and each that the system
/// delivers is told once, so a second one of the same number is seen.
///
/// Whoever made it holds it for as long as it is to last.
package final class SignalSource: Sendable {
    private let watches: [SignalWatch]
    private let reactor: Reactor

    /// Takes signals over from whatever the process did with them before.
    ///
    /// - Parameters:
    ///   - signals: Each may have one source at a time.
    ///   - handler: Called on the reactor's thread with the signal's number.
    package init(
        _ signals: [Int32],
        on reactor: Reactor,
        handler: @escaping @Sendable (Int32) -> Void
    ) throws(ReactorError) {
        self.reactor = reactor
        var watches: [SignalWatch] = []
        for signal in signals {
            do throws(ReactorError) {
                watches.append(try SignalWatch(signal, on: reactor, handler))
            } catch {
                for watch in watches { watch.cancel(on: reactor) }
                throw error
            }
        }
        self.watches = watches
    }

    /// Lets the process do with the signals again what it did before. The handler is not called any more, except that a
    /// call may be under way. Does nothing the second time.
    package func cancel() {
        for watch in watches { watch.cancel(on: reactor) }
    }

    deinit { cancel() }
}
