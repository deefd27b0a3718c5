package import Reactor

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// An HTTP/1.1 server on a reactor.
///
/// Once it listens it lives until it is stopped, which must come before its reactor ends.
package actor HTTPServer {
    package typealias Settings = HTTPServerSettings

    private let reactor: Reactor
    private let resolver: any HostResolver
    let loop: ServerLoop

    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    /// - Parameter notice: Called on the reactor's thread with what is worth a line of a log; must return at once.
    package init(
        reactor: Reactor,
        settings: Settings = Settings(),
        handler: any HTTPHandler,
        resolver: any HostResolver = SystemResolver(),
        notice: @escaping @Sendable (HTTPServerNotice) -> Void = { _ in }
    ) {
        self.reactor = reactor
        self.resolver = resolver
        loop = ServerLoop(reactor: reactor, settings: settings, handler: handler, reportNotice: notice)
    }

    /// Connections that are open now.
    package var connectionCount: Int { loop.connectionCount }

    /// Listens on an address of this machine and a port, 0 for any that is free.
    ///
    /// `::` is all addresses of both families, or those of IPv4 only where the kernel has no IPv6.
    ///
    /// - Returns: The port.
    package func listen(host: String, port: Int) async throws(HTTPServerError) -> Int {
        guard (0...65_535).contains(port) else { throw HTTPServerError(errno: nil, reason: "there is no port \(port)") }
        if host == "::" || host == "[::]" { return try listenOnAll(port: port) }
        var failure: ReactorError?
        for address in try await addresses(of: host, port: port) {
            do throws(ReactorError) {
                return try loop.listen(on: address, for: self)
            } catch {
                failure = failure ?? error
                guard error.saysNoSuchAddress else { break }
            }
        }
        throw HTTPServerError(failure)
    }

    /// Ends the server: it listens no more, an idle or silent connection ends at once, one whose request is being read or
    /// answered with that answer, and what is left after the time is reset. Returns when no connection is left.
    package func stop(within limit: Duration) async {
        await withCheckedContinuation { continuation in
            loop.stop(at: Reactor.monotonicNow().advanced(by: limit)) { continuation.resume() }
        }
    }

    private func listenOnAll(port: Int) throws(HTTPServerError) -> Int {
        // A port that the system chose for one family may be taken in the other.
        var attempts = port == 0 ? 16 : 1
        while true {
            do throws(ReactorError) {
                return try listenOnBothFamilies(port: port)
            } catch {
                attempts -= 1
                guard attempts > 0, error.code == EADDRINUSE else { throw HTTPServerError(error) }
            }
        }
    }

    /// Each family on its own socket, so that no setting of the system decides whether `::` is IPv4 too.
    private func listenOnBothFamilies(port: Int) throws(ReactorError) -> Int {
        var chosen: Int?
        do throws(ReactorError) {
            chosen = try loop.listen(on: try Self.address("::", port), for: self)
        } catch {
            guard error.saysNoSuchAddress else { throw error }
        }
        do throws(ReactorError) {
            return try loop.listen(on: try Self.address("0.0.0.0", chosen ?? port), for: self)
        } catch {
            guard let chosen else { throw error }
            if error.saysNoSuchAddress { return chosen }
            loop.closeLastListener()
            throw error
        }
    }

    private static func address(_ text: String, _ port: Int) throws(ReactorError) -> SocketAddress {
        guard let address = SocketAddress(ipAddress: text, port: port) else {
            throw ReactorError(attempt: "listen on \(text), port \(port)", code: EINVAL)
        }
        return address
    }

    private func addresses(of host: String, port: Int) async throws(HTTPServerError) -> [SocketAddress] {
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        let host = isBracketed ? String(host.dropFirst().dropLast()) : host
        let result = await withCheckedContinuation { continuation in
            resolver.resolve(host, port: port, on: reactor) { continuation.resume(returning: $0) }
        }
        switch result {
        case .success(let addresses): return addresses
        case .failure(let error):
            throw HTTPServerError(errno: nil, reason: "the host's address was not found: \(error.words)")
        }
    }

    /// Does to a connection what no server should do.
    nonisolated func intrude(_ intrusion: HTTPServerIntrusion, on connection: UInt64) {
        _ = reactor.execute { self.assumeIsolated { $0.loop.intrude(intrusion, on: connection) } }
    }

    /// Ends the exchange of a connection and a number.
    nonisolated func end(_ outcome: HTTPServerExchange.Outcome, of connection: UInt64, number: UInt64) {
        if reactor.isCurrent {
            assumeIsolated { $0.loop.end(outcome, of: connection, number: number) }
        } else {
            reactor.execute { self.assumeIsolated { $0.loop.end(outcome, of: connection, number: number) } }
        }
    }
}

/// The reason why an address cannot be listened on.
package struct HTTPServerError: Error, Hashable, CustomStringConvertible {
    /// The system's reason; nil where it was not the system that refused.
    package let errno: Int32?
    package let description: String

    init(errno: Int32?, reason: String) {
        self.errno = errno
        description = reason
    }

    init(_ error: ReactorError?) {
        self.init(errno: error?.code, reason: error.map { "\($0)" } ?? "the host has no address")
    }
}

extension ReactorError {
    /// Whether another address of the same host may do: this one is none of this machine, or its family is missing.
    fileprivate var saysNoSuchAddress: Bool { code == EADDRNOTAVAIL || code == EAFNOSUPPORT || code == EPROTONOSUPPORT }
}
