import Reactor

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Whether a connection to a host and port can be made from here. Nothing is sent.
///
/// All addresses of the name are tried at once; the first connection counts.
enum AddressProbe {
    /// Why there is no connection.
    enum Failure: Error, Sendable, Hashable {
        /// In the resolver's words.
        case noSuchName(String)
        case refused
        /// Nobody answered in time: a firewall, or an address that is none here.
        case silent
        case other(String)
    }

    /// - Parameters:
    ///   - reactor: Carries the probe.
    ///   - limit: How long name and connection may take together.
    /// - Returns: Nil where there is a connection.
    static func failure(
        host: String,
        port: Int,
        within limit: Duration,
        resolver: some HostResolver,
        on reactor: Reactor
    ) async -> Failure? {
        await withCheckedContinuation { continuation in
            let isTaken = reactor.execute {
                let deadline = reactor.now + limit.wholeNanoseconds
                let attempt = ConnectAttempt(reactor: reactor, deadline: deadline) {
                    continuation.resume(returning: $0)
                }
                resolver.resolve(host, port: port, on: reactor, deadline: deadline) { attempt.begin($0) }
            }
            if !isTaken { continuation.resume(returning: .other("this process is about to end")) }
        }
    }
}

/// The connections that are tried for one name. Lives on its reactor's thread; its timer keeps it until the end.
private final class ConnectAttempt {
    private let reactor: Reactor
    private let completion: (AddressProbe.Failure?) -> Void
    private var timer = TimerID.none
    private var connecting: [ConnectingSocket] = []
    /// What the last of them met.
    private var failure = AddressProbe.Failure.silent
    private var isOver = false

    init(reactor: Reactor, deadline: Int64, completion: @escaping (AddressProbe.Failure?) -> Void) {
        self.reactor = reactor
        self.completion = completion
        timer = reactor.schedule(at: deadline) { self.end(.silent) }
    }

    func begin(_ resolved: Result<[SocketAddress], ResolveError>) {
        switch resolved {
        case .failure(let error):
            end(.noSuchName(error.words))
        case .success(let addresses):
            for address in addresses { connect(to: address) }
            endIfAllHaveFailed()
        }
    }

    private func connect(to address: SocketAddress) {
        do throws(ReactorError) {
            let socket = try Socket.connect(to: address)
            connecting.append(
                try ConnectingSocket(socket.descriptor, on: reactor) { [weak self] ended, code in
                    self?.note(ended, code)
                }
            )
        } catch {
            failure = .init(errno: error.code)
        }
    }

    private func note(_ socket: ConnectingSocket, _ code: Int32) {
        guard code != 0 else { return end(nil) }
        failure = .init(errno: code)
        connecting.removeAll { $0 === socket }
        endIfAllHaveFailed()
    }

    private func endIfAllHaveFailed() {
        if connecting.isEmpty { end(failure) }
    }

    private func end(_ failure: AddressProbe.Failure?) {
        guard !isOver else { return }
        isOver = true
        reactor.cancel(timer)
        for socket in connecting { socket.close() }
        connecting = []
        completion(failure)
    }
}

/// A socket whose connection has begun; closed as soon as it is known how that ends.
private final class ConnectingSocket: ReadinessHandler {
    private let descriptor: Int32
    private let reactor: Reactor
    private let onEnd: (ConnectingSocket, _ code: Int32) -> Void
    private var watch: Watch?

    init(
        _ descriptor: Int32,
        on reactor: Reactor,
        onEnd: @escaping (ConnectingSocket, _ code: Int32) -> Void
    ) throws(ReactorError) {
        self.descriptor = descriptor
        self.reactor = reactor
        self.onEnd = onEnd
        do throws(ReactorError) {
            watch = try reactor.watch(descriptor, for: .write, handler: self)
        } catch {
            Socket.close(descriptor)
            throw error
        }
    }

    func ready(_ readiness: Readiness) {
        let code = Socket.pendingError(descriptor)
        close()
        onEnd(self, code)
    }

    func close() {
        guard let watch = watch.take() else { return }
        reactor.unwatch(watch)
        Socket.close(descriptor)
    }
}

extension AddressProbe.Failure: CustomStringConvertible {
    fileprivate init(errno code: Int32) {
        self = code == ECONNREFUSED ? .refused : .other(ReactorError.words(of: code))
    }

    var description: String {
        switch self {
        case .noSuchName(let words): "the name does not resolve (\(words))"
        case .refused: "nobody listens there (connection refused)"
        case .silent: "nobody answers there"
        case .other(let words): words
        }
    }
}
