import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Where finished log lines go, one at a time.
package final class LogOutput: Sendable {
    private let write: @Sendable ([UInt8]) -> Void
    private let turn = Mutex(())

    /// - Parameter write: Takes a line with its line feed. Never called twice at once.
    package init(write: @escaping @Sendable ([UInt8]) -> Void) {
        self.write = write
    }

    /// Writes a line and a line feed.
    package func say(_ line: String) {
        let bytes = Array(line.utf8) + [UInt8(ascii: "\n")]
        turn.withLock { _ in write(bytes) }
    }

    /// Standard error. A line that cannot be written is given up: there is nobody left to tell.
    package static let standardError = LogOutput { bytes in
        var rest = bytes
        while !rest.isEmpty {
            let written = platformWrite(STDERR_FILENO, rest, rest.count)
            if written > 0 {
                rest.removeFirst(written)
            } else if errno != EINTR {
                return
            }
        }
    }
}
