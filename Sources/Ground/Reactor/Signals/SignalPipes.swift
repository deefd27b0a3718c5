import Synchronization

#if canImport(Darwin)
import Darwin
#else
import CEpoll
import Glibc
#endif

/// A pipe for each signal that somebody handles. The system's handler writes to it.
///
/// Once made, a pipe stays for the life of the process: a handler may still run on another thread when its signal is
/// given up, and must not write to a descriptor that has become somebody else's.
enum SignalPipes {
    private struct State {
        var readEnds: [Int32: Int32] = [:]
        var claimed: Set<Int32> = []
    }

    private static let state = Mutex(State())

    private static let signalLimit: Int32 = 128

    /// The write ends by signal.
    ///
    /// A plain pointer, because a handler may neither lock nor allocate. It is made before the first handler is set, and
    /// an entry is written before its signal's handler is.
    nonisolated(unsafe) private static let writeEnds: UnsafeMutablePointer<Int32> = {
        let ends = UnsafeMutablePointer<Int32>.allocate(capacity: Int(signalLimit))
        ends.initialize(repeating: -1, count: Int(signalLimit))
        return ends
    }()

    /// The system's handler. Only what is safe in any moment: a write, and `errno` as it was.
    static let note: @convention(c) (Int32) -> Void = { signal in
        let code = errno
        var byte: UInt8 = 1
        _ = write(writeEnds[Int(signal)], &byte, 1)
        errno = code
    }

    /// Gives the empty pipe of a signal, which may have one owner at a time.
    ///
    /// - Returns: The end to read.
    static func claim(_ signal: Int32) throws(ReactorError) -> Int32 {
        guard signal > 0, signal < signalLimit else {
            throw ReactorError(attempt: "handle signal \(signal)", code: EINVAL)
        }
        let result: Result<Int32, ReactorError> = state.withLock { state in
            guard !state.claimed.contains(signal) else {
                return .failure(
                    ReactorError(attempt: "handle signal \(signal), which another source handles", code: EBUSY)
                )
            }
            if let descriptor = state.readEnds[signal] {
                state.claimed.insert(signal)
                _ = drain(descriptor)
                return .success(descriptor)
            }
            var ends: [Int32] = [-1, -1]
            guard makePipe(&ends) == 0 else {
                return .failure(ReactorError(attempt: "create a pipe for signal \(signal)", code: errno))
            }
            state.claimed.insert(signal)
            state.readEnds[signal] = ends[0]
            writeEnds[Int(signal)] = ends[1]
            return .success(ends[0])
        }
        return try result.get()
    }

    static func release(_ signal: Int32) {
        state.withLock { _ = $0.claimed.remove(signal) }
    }

    /// Takes all bytes from a pipe and returns how many there were.
    static func drain(_ descriptor: Int32) -> Int {
        var total = 0
        while true {
            let count = withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) {
                read(descriptor, $0.baseAddress, $0.count)
            }
            guard count > 0 else { return total }
            total += count
        }
    }

    private static func makePipe(_ ends: inout [Int32]) -> Int32 {
        #if canImport(Darwin)
        guard pipe(&ends) == 0 else { return -1 }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        return 0
        #else
        return c_pipe2(&ends, O_CLOEXEC | O_NONBLOCK)
        #endif
    }
}
