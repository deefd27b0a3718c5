package import OpenSSL
package import Reactor

/// The way in which a client reaches servers, and the limits.
package struct HTTPClientSettings: Sendable {
    /// The longest time to open a connection: name, proxy and TLS included.
    package var connectTimeout = Duration.seconds(5)
    /// The longest time from the first byte of a request to the end of its answer.
    package var responseTimeout = Duration.seconds(30)
    /// Connections to one origin at once, and so calls at once.
    package var maxConnections = 512
    /// Connections to one origin that are being opened at once.
    package var maxConnecting = 64
    /// After this time an idle connection is closed: earlier than usual servers do, so that a request rarely crosses the
    /// server's farewell, which would leave its outcome unknown. A `Keep-Alive: timeout` that is shorter goes before.
    package var idleTimeout = Duration.seconds(10)
    /// A connection this old, or up to a fifth less, carries no further call: the addresses of its name may have changed.
    package var maxConnectionAge = Duration.seconds(300)
    /// The longest answer, once a compression is undone.
    package var maxResponseBytes = 65_536
    /// For `https`, unless the host is this machine.
    package var proxy: HTTPProxy?
    /// Nil: what the system trusts, looked up when the first connection with TLS is opened.
    package var tls: TLSContext?
    package var resolver: any HostResolver
    /// The one address to connect to, in place of those of the host's name; not with a proxy.
    package var pinnedAddress: SocketAddress?

    package init(resolver: any HostResolver = SystemResolver()) {
        self.resolver = resolver
    }
}
