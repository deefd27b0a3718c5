#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Threads for calls that block: librdkafka must never block a thread of the cooperative pool.
enum OwnThread {
    /// Runs a closure on a new detached thread on which all signals are blocked.
    ///
    /// Ends the process where the system refuses a thread, as Swift's own runtime does.
    static func start(_ body: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(Body(run: body))
        let result = withAllSignalsBlocked { create(box.toOpaque()) }
        if result != 0 { fatalError("cannot start a thread: \(String(cString: strerror(result)))") }
    }

    /// Runs a blocking closure on a thread of its own and waits for it without blocking the caller's.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            start { continuation.resume(returning: body()) }
        }
    }

    /// Blocks a thread of our own for a while.
    static func pause(milliseconds: UInt32) { usleep(milliseconds * 1_000) }

    private final class Body {
        let run: @Sendable () -> Void

        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private static func create(_ body: UnsafeMutableRawPointer) -> Int32 {
        #if canImport(Darwin)
        var created: pthread_t?
        let result = pthread_create(&created, nil, entry, body)
        guard result == 0, let thread = created else { return result }
        #else
        var thread = pthread_t()
        let result = pthread_create(&thread, nil, entry, body)
        guard result == 0 else { return result }
        #endif
        return pthread_detach(thread)
    }

    #if canImport(Darwin)
    private static let entry: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? = { body in
        Unmanaged<Body>.fromOpaque(body).takeRetainedValue().run()
        return nil
    }
    #else
    private static let entry: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { body in
        if let body { Unmanaged<Body>.fromOpaque(body).takeRetainedValue().run() }
        return nil
    }
    #endif

    /// A new thread inherits the mask, so there is no moment at which it could be given a signal.
    private static func withAllSignalsBlocked(_ body: () -> Int32) -> Int32 {
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        return body()
    }
}
