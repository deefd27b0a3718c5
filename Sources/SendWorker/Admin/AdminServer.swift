import HTTP
package import Reactor
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
    /// The longest time that running requests get when the server ends.
    fileprivate static let longestEnd = Duration.seconds(5)
    /// The time for which what clients or the system do wrong is not logged again.
    private static let noticeInterval = Duration.seconds(60)

    private static var settings: HTTPServer.Settings {
        var settings = HTTPServer.Settings()
        // No request here needs a body.
        settings.maxBodyBytes = 65_536
        return settings
    }

    private let host: String
    private let port: Int
    private let reactor: Reactor
    private let routes: AdminRoutes
    private let logger: Logger

    /// - Parameters:
    ///   - host: The address or name to listen on.
    ///   - port: The port to listen on; 0 takes any free one.
    ///   - reactor: Carries the connections; must outlive the server.
    ///   - allowedHosts: `admin.allowedHosts`.
    ///   - token: What a caller has to know who changes how the worker works; nil lets nobody.
    ///   - beforeMetrics: Called before the metrics are shown, for those that are read and not counted; must return at
    ///     once.
    package init(
        host: String,
        port: Int,
        reactor: Reactor,
        allowedHosts: [String]? = nil,
        registry: MetricsRegistry,
        provider: any AdminProvider,
        token: SecretText? = nil,
        beforeMetrics: @escaping @Sendable () -> Void = {},
        logger: Logger
    ) {
        self.host = host
        self.port = port
        self.reactor = reactor
        self.logger = logger
        routes = AdminRoutes(
            registry: registry,
            provider: provider,
            token: token,
            hosts: AdminHosts(allowed: allowedHosts, listeningOn: host),
            beforeMetrics: beforeMetrics
        )
    }

    /// Serves until the task is cancelled.
    ///
    /// - Parameter onBound: Called once with the port in use, as soon as it is bound.
    /// - Throws: ``AdminServerError`` where the address cannot be listened on.
    package func run(onBound: @escaping @Sendable (Int) -> Void = { _ in }) async throws {
        let bound = try await bind()
        onBound(bound.port)
        await bound.serve()
    }

    /// Takes the port, and answers on it from now on; `serve` must follow.
    ///
    /// - Throws: Where the address cannot be listened on; nothing has been taken then.
    package func bind() async throws(AdminServerError) -> Bound {
        let repetitions = RepetitionLimiter(interval: Self.noticeInterval)
        let server = HTTPServer(reactor: reactor, settings: Self.settings, handler: routes) { [logger] notice in
            repetitions.log("admin port: \(notice.words)", level: .warning, to: logger)
        }
        do throws(HTTPServerError) {
            return Bound(server: server, port: try await server.listen(host: host, port: port))
        } catch {
            throw AdminServerError(host: host, port: port, error: error)
        }
    }

    /// A server that has its port.
    package struct Bound: Sendable {
        fileprivate let server: HTTPServer
        /// The port in use.
        package let port: Int

        /// Goes on answering until the task is cancelled.
        package func serve() async {
            // Ends when the task is cancelled.
            for await _ in AsyncStream<Never>.makeStream().stream {}
            await server.stop(within: AdminServer.longestEnd)
        }
    }
}

/// Why the admin endpoints cannot be served, with the keys to change.
package struct AdminServerError: Error, Hashable, CustomStringConvertible {
    package var description: String

    init(host: String, port: Int, error: HTTPServerError) {
        let reason =
            switch error.errno {
            case EADDRINUSE:
                "is in use by another process; stop that one, or set admin.port to a free port (0 takes any)"
            case EACCES, EPERM: "may not be used by this user; set admin.port to a port above 1023"
            case EADDRNOTAVAIL: "is not an address of this machine; set admin.host to one that is (0.0.0.0 for all)"
            case .some(let code): "cannot be listened on (errno \(code))"
            case nil: "cannot be listened on (\(error))"
            }
        description = "admin.host, admin.port: \(host):\(port) \(reason)"
    }
}

/// The answers of the admin endpoints, supplied by whoever runs the worker.
///
/// The two health questions must be answered without waiting for the loops they are about.
package protocol AdminProvider: Sendable {
    /// Why the process should be restarted; empty while it and its loops move.
    func stalls() async -> [String]

    /// Why the worker cannot do its job now; empty where it is assigned and able to commit.
    func hindrances() async -> [String]

    /// The data of the status page, a JSON object.
    func status() async -> [UInt8]

    /// Lets a worker send again that has paused because too many accounts cannot; the state before and after, a JSON
    /// object.
    func resume() async -> [UInt8]

    /// Why an account is waiting, a JSON object; nil for an account the worker knows nothing of.
    func account(_ id: String) async -> [UInt8]?
}
