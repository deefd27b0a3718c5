#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What the process does with signals as a whole.
package enum Signals {
    /// Ignores SIGPIPE in the whole process: writing to what is closed then fails with EPIPE.
    package static func ignoreBrokenPipe() { signal(SIGPIPE, SIG_IGN) }
}
