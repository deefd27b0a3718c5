#if canImport(Darwin)
import Darwin
#else
import CEpoll
import Glibc
#endif

/// Threads of our own: for the loop, and for calls that block.
enum OwnThread {
    /// Runs a closure on a new detached thread on which all signals are blocked.
    ///
    /// - Parameter name: What debuggers and `top` show; at most 15 bytes of it.
    static func start(name: String, _ body: @escaping @Sendable () -> Void) throws(ReactorError) {
        let box = Unmanaged.passRetained(Body(name: String(name.utf8.prefix(15)) ?? "", run: body))
        let result = withAllSignalsBlocked { create(box.toOpaque()) }
        guard result == 0 else {
            box.release()
            throw ReactorError(attempt: "start the thread \(name)", code: result)
        }
    }

    /// A number that no other living thread has.
    static var currentNumber: UInt {
        #if canImport(Darwin)
        UInt(bitPattern: pthread_self())
        #else
        UInt(pthread_self())
        #endif
    }

    private final class Body {
        let name: String
        let run: @Sendable () -> Void

        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }

        func start() {
            #if canImport(Darwin)
            _ = pthread_setname_np(name)
            #else
            _ = c_set_thread_name(pthread_self(), name)
            #endif
            run()
        }
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
        Unmanaged<Body>.fromOpaque(body).takeRetainedValue().start()
        return nil
    }
    #else
    private static let entry: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { body in
        if let body { Unmanaged<Body>.fromOpaque(body).takeRetainedValue().start() }
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
