import Hummingbird
import NIOCore
import NIOPosix
import Synchronization
package import Telemetry

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Serves health, metrics and status over HTTP.
package struct AdminServer: Sendable {
    private let host: String
    private let port: Int
    private let registry: MetricsRegistry
    private let provider: any AdminProvider
    private let token: SecretText?
    private let beforeMetrics: @Sendable () -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - host: The address or name to listen on.
    ///   - port: The port to listen on; 0 takes any free one.
    ///   - token: What a caller has to know who changes how the worker works; nil lets nobody.
    ///   - beforeMetrics: Called before the metrics are shown, for those that are read and not counted; must return at
    ///     once.
    package init(
        host: String,
        port: Int,
        registry: MetricsRegistry,
        provider: any AdminProvider,
        token: SecretText? = nil,
        beforeMetrics: @escaping @Sendable () -> Void = {},
        logger: Logger
    ) {
        self.host = host
        self.port = port
        self.registry = registry
        self.provider = provider
        self.token = token
        self.beforeMetrics = beforeMetrics
        self.logger = logger
    }

    /// Serves until the task is cancelled.
    ///
    /// - Parameter onBound: Called once with the port in use, as soon as it is bound.
    /// - Throws: ``AdminServerError`` where the address cannot be listened on.
    package func run(onBound: @escaping @Sendable (Int) -> Void = { _ in }) async throws {
        // Hummingbird's own lines about its start, its services and their cancellation say nothing that is not thrown too.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .critical)
        let listening = Listening()
        let routes = AdminRoutes(registry: registry, provider: provider, token: token, beforeMetrics: beforeMetrics)
        let application = Application(
            router: routes.router,
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: nil),
            onServerRunning: { channel in
                listening.begin()
                onBound(channel.localAddress?.port ?? port)
            },
            logger: quiet
        )
        do {
            try await application.run()
        } catch let error as IOError where !listening.hasBegun {
            throw AdminServerError(host: host, port: port, error: error)
        } catch  where !listening.hasBegun && !(error is CancellationError) {
            throw AdminServerError(host: host, port: port, reason: "cannot be listened on (\(error))")
        }
    }
}

/// Whether the server came as far as to listen.
private final class Listening: Sendable {
    private let flag = Atomic(false)

    var hasBegun: Bool { flag.load(ordering: .acquiring) }

    func begin() { flag.store(true, ordering: .releasing) }
}

/// Why the admin endpoints cannot be served, with the keys to change.
package struct AdminServerError: Error, Hashable, CustomStringConvertible {
    package var description: String

    init(host: String, port: Int, error: IOError) {
        switch error.errnoCode {
        case EADDRINUSE:
            self.init(
                host: host,
                port: port,
                reason: "is in use by another process; stop that one, or set admin.port to a free port (0 takes any)"
            )
        case EACCES, EPERM:
            self.init(
                host: host,
                port: port,
                reason: "may not be used by this user; set admin.port to a port above 1023"
            )
        case EADDRNOTAVAIL:
            self.init(
                host: host,
                port: port,
                reason: "is not an address of this machine; set admin.host to one that is (0.0.0.0 for all)"
            )
        default:
            self.init(host: host, port: port, reason: "cannot be listened on (errno \(error.errnoCode))")
        }
    }

    init(host: String, port: Int, reason: String) {
        description = "admin.host, admin.port: \(host):\(port) \(reason)"
    }
}
