package import NIOCore
import NIOPosix

/// Finds the addresses of a host.
package protocol HostResolver: Sendable {
    /// The addresses of a name, the preferred ones first.
    ///
    /// - Parameters:
    ///   - host: A name or a number as it stands in a URL.
    ///   - port: Put into the addresses.
    ///   - eventLoop: Where the future belongs to.
    func addresses(of host: String, port: Int, on eventLoop: any EventLoop) -> EventLoopFuture<[SocketAddress]>
}

/// Asks the operating system, off the threads that must not block.
///
/// IPv4 comes first: many containers resolve IPv6 addresses that they cannot reach.
package struct SystemResolver: HostResolver {
    package init() {}

    package func addresses(
        of host: String,
        port: Int,
        on eventLoop: any EventLoop
    ) -> EventLoopFuture<[SocketAddress]> {
        // NIO's public face of getaddrinfo: runs on threads of its own and gives all addresses.
        let resolver = NIORandomizedDNSResolver(loop: eventLoop)
        // The second query is what makes the resolver answer the first, too.
        let ipv6 = resolver.initiateAAAAQuery(host: host, port: port).flatMapErrorThrowing { _ in [] }
        let ipv4 = resolver.initiateAQuery(host: host, port: port).flatMapErrorThrowing { _ in [] }
        return ipv4.and(ipv6).map { $0 + $1 }
    }
}
