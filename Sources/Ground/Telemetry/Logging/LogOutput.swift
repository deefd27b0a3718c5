import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The place that finished log lines go to: each whole, one after the other.
package final class LogOutput: Sendable {
    private enum Destination: Sendable {
        case function(@Sendable ([UInt8]) -> Void)
        case descriptor(LogWriter)
    }

    private let destination: Destination
    private let turn = Mutex(())

    /// Hands every line on at once.
    ///
    /// - Parameter write: Takes a line with its line feed. Never called twice at once.
    package init(write: @escaping @Sendable ([UInt8]) -> Void) {
        destination = .function(write)
    }

    /// Writes to a file, pipe or terminal without ever making a caller wait for it. Of lines that come faster than they
    /// are read so many are kept that they take `limit` bytes; how many were dropped stands behind them.
    package init(descriptor: Int32, limit: Int = 1 << 20) {
        destination = .descriptor(LogWriter(descriptor: descriptor, limit: limit))
    }

    /// Standard error. What was logged before the process exits is still written, within a second.
    package static let standardError: LogOutput = {
        atexit { LogOutput.standardError.flush(within: .seconds(1)) }
        return LogOutput(descriptor: STDERR_FILENO)
    }()

    /// Writes a line, which ends with its line feed.
    func write(_ line: [UInt8], from sink: LogSink) {
        switch destination {
        case .function(let write): turn.withLock { _ in write(line) }
        case .descriptor(let writer): writer.write(line, from: sink)
        }
    }

    /// Waits until all lines that were written before have reached their reader, or the time is over.
    ///
    /// - Returns: False where the time was over.
    @discardableResult
    package func flush(within limit: Duration) -> Bool {
        guard case .descriptor(let writer) = destination else { return true }
        return writer.flush(within: limit)
    }
}
