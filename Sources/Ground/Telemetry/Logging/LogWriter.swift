import Dispatch
import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Writes lines to a descriptor on a thread of its own: a reader that stalls makes nobody wait who logs.
final class LogWriter: Sendable {
    private struct State {
        var queue: LogQueue
        var isWriting = false
    }

    private let state: Mutex<State>
    private let file: Mutex<LineFile>
    /// Serial; its thread is blocked while the reader stalls.
    private let thread = DispatchQueue(label: "log")

    init(descriptor: Int32, limit: Int) {
        state = Mutex(State(queue: LogQueue(limit: limit)))
        file = Mutex(LineFile(descriptor: descriptor))
    }

    func write(_ line: [UInt8], from sink: LogSink) {
        let isFirst = state.withLock { state in
            state.queue.append(line, from: sink)
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if isFirst { thread.async { self.writeAll() } }
    }

    func flush(within limit: Duration) -> Bool {
        let end = DispatchSemaphore(value: 0)
        thread.async { end.signal() }
        return end.wait(timeout: .now() + limit / .seconds(1)) == .success
    }

    private func writeAll() {
        Self.blockPipeSignal()
        while let batch = nextBatch() {
            let lost = file.withLock { file in
                var lost = 0
                if batch.lostBefore > 0, file.append(batch.sink.line(telling: batch.lostBefore)) > 0 {
                    lost += batch.lostBefore
                }
                lost += file.append(batch.bytes)
                if batch.droppedBehind > 0, file.append(batch.sink.line(telling: batch.droppedBehind)) > 0 {
                    lost += batch.droppedBehind
                }
                return lost
            }
            // Told with the next lines, if ever somebody reads again; a line for it alone would be lost too, for ever.
            if lost > 0 { state.withLock { $0.queue.lost += lost } }
        }
    }

    private func nextBatch() -> LogQueue.Batch? {
        state.withLock { state in
            let batch = state.queue.next()
            state.isWriting = batch != nil
            return batch
        }
    }

    /// A reader that has gone away is an error of `write` on this thread, not the end of the process.
    private static func blockPipeSignal() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}

/// Lines that wait to be written, and what is to be told of those that do not.
struct LogQueue {
    /// The lines that are written at one go.
    struct Batch {
        /// Lines that could not be written before these.
        var lostBefore: Int
        var bytes: [UInt8]
        /// Lines for which there was no room behind these.
        var droppedBehind: Int
        /// The sink whose format the lines have that tell of others.
        var sink: LogSink
    }

    /// Lines that could not be written though they had been taken out.
    var lost = 0
    private let limit: Int
    private var bytes: [UInt8] = []
    private var dropped = 0
    private var sink: LogSink?

    /// - Parameter limit: How many bytes may wait; a longer line may wait alone.
    init(limit: Int) {
        self.limit = limit
    }

    mutating func append(_ line: [UInt8], from sink: LogSink) {
        self.sink = sink
        // The gap is in one place: behind a line that was dropped none is taken before the batch has gone.
        guard dropped == 0, bytes.isEmpty || bytes.count + line.count <= limit else {
            dropped += 1
            return
        }
        bytes += line
    }

    /// Takes out all that waits; nil where nothing does.
    mutating func next() -> Batch? {
        guard !bytes.isEmpty, let sink else { return nil }
        defer { (bytes, dropped, lost) = ([], 0, 0) }
        return Batch(lostBefore: lost, bytes: bytes, droppedBehind: dropped, sink: sink)
    }
}

/// A descriptor that whole lines are written to, however few bytes it takes at a time.
struct LineFile: ~Copyable {
    private let descriptor: Int32
    /// Whether the last line was cut off by an error.
    private var isMidLine = false

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Writes lines, waiting as long as it takes.
    ///
    /// - Returns: How many of them were not written, or not whole, because of an error.
    mutating func append(_ lines: [UInt8]) -> Int {
        if isMidLine {
            guard writeBytes([UInt8(ascii: "\n")]) == 1 else { return Self.count(lines[...]) }
            isMidLine = false
        }
        let written = writeBytes(lines)
        guard written < lines.count else { return 0 }
        isMidLine = written > 0 && lines[written - 1] != UInt8(ascii: "\n")
        return Self.count(lines[written...])
    }

    private static func count(_ lines: ArraySlice<UInt8>) -> Int { lines.count { $0 == UInt8(ascii: "\n") } }

    /// Returns the number of bytes that were written; less than all only after an error.
    private func writeBytes(_ bytes: [UInt8]) -> Int {
        var rest = bytes
        while !rest.isEmpty {
            let count = write(descriptor, rest, rest.count)
            if count > 0 {
                rest.removeFirst(count)
            } else if errno == EAGAIN || errno == EWOULDBLOCK {
                var event = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&event, 1, -1)
            } else if errno != EINTR {
                break
            }
        }
        return bytes.count - rest.count
    }
}
