package import KafkaClient
import Reactor

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
import SendEngine
#endif

/// The addresses by which a cluster's brokers name themselves (`advertised.listeners`), and which of them cannot be
/// reached from here.
///
/// A first broker answers at the address that the configuration names, whatever it is called itself; all else goes to
/// the addresses that it gives then. Where these are for others (a container's own name, a private address), nothing
/// works and nobody says why.
package struct AdvertisedBrokers: Sendable, Hashable {
    /// The time that each address gets.
    static let probeLimit = Duration.seconds(2)
    /// Of more brokers than this the first ones are tried.
    private static let mostProbed = 32

    /// The `host:port` pairs that the configuration names.
    let bootstrapServers: String
    let all: [KafkaBroker]
    /// In the order of the brokers.
    let unreachable: [Unreachable]

    struct Unreachable: Sendable, Hashable {
        var broker: KafkaBroker
        var failure: AddressProbe.Failure
    }

    init(bootstrapServers: String, all: [KafkaBroker], unreachable: [Unreachable]) {
        self.bootstrapServers = bootstrapServers
        self.all = all
        self.unreachable = unreachable
    }

    /// Tries them all.
    init(probing brokers: [KafkaBroker], bootstrapServers: String, on reactor: Reactor) async {
        let resolver = SystemResolver()
        let probed = brokers.prefix(Self.mostProbed)
        let failures = await withTaskGroup(of: (Int, AddressProbe.Failure?).self) { tasks in
            for (index, broker) in probed.enumerated() {
                tasks.addTask {
                    let failure = await AddressProbe.failure(
                        host: broker.host,
                        port: broker.port,
                        within: Self.probeLimit,
                        resolver: resolver,
                        on: reactor
                    )
                    return (index, failure)
                }
            }
            return await tasks.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        self.init(
            bootstrapServers: bootstrapServers,
            all: Array(probed),
            unreachable: probed.enumerated().compactMap { index, broker in
                failures[index].flatMap { $0 }.map { Unreachable(broker: broker, failure: $0) }
            }
        )
    }

    /// Tries them all, on a reactor made for it.
    package static func probed(_ brokers: [KafkaBroker], bootstrapServers: String) async -> AdvertisedBrokers {
        // Without one there is nothing to say against them.
        guard let reactor = try? Reactor(name: "address probe") else {
            return AdvertisedBrokers(bootstrapServers: bootstrapServers, all: brokers, unreachable: [])
        }
        let probed = await AdvertisedBrokers(probing: brokers, bootstrapServers: bootstrapServers, on: reactor)
        await reactor.shutdown()
        return probed
    }

    /// Whether no broker can be reached, so that nothing can be read or written.
    package var areAllUnreachable: Bool { !all.isEmpty && unreachable.count == all.count }

    /// The trouble in one line; nil where every broker can be reached.
    package var problem: String? {
        guard !unreachable.isEmpty else { return nil }
        let named = unreachable.prefix(5).map { "\($0.broker) (broker \($0.broker.id)): \($0.failure)" }
        let more = unreachable.count > 5 ? ", and \(unreachable.count - 5) more" : ""
        return
            "the cluster at \(bootstrapServers) answers and names its brokers by addresses of which \(unreachable.count) of"
            + " \(all.count) cannot be reached from here: " + named.joined(separator: "; ") + more
    }

    /// The advice.
    package var remedy: String {
        areAllUnreachable
            ? "give the brokers an advertised.listeners that this machine can reach (with containers: a listener of its own for"
                + " clients outside), or make these names and ports reachable from here"
            : "start these brokers, or correct their advertised.listeners"
    }
}

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
                let deadline = reactor.now + limit.nanoseconds
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
    /// The failure of the last of them.
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
