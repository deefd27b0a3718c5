import HTTP
import Reactor
import Synchronization
package import Telemetry

/// A stand-in for Graph's messages endpoint with its documented checks, limits and answers, and with faults that can be
/// set while it runs.
package final class GraphSimulator: Sendable {
    package let configuration: SimulatorConfiguration
    let endpoint: SharedEndpoint
    private let logger: Logger
    private let boundPort = BoundPort()

    /// Creates a simulator that does not listen yet.
    package init(configuration: SimulatorConfiguration = SimulatorConfiguration(), logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        self.endpoint = SharedEndpoint(MessagesEndpoint(configuration: configuration))
    }

    /// Listens and serves until the task is cancelled; throws where the address cannot be bound. Call it once.
    package func run() async throws {
        defer { boundPort.stop() }
        let reactor = try Reactor(name: "simulator")
        do {
            try await serve(on: reactor)
        } catch {
            await reactor.shutdown()
            throw error
        }
        await reactor.shutdown()
        logger.debug("Graph simulator stopped")
    }

    /// The bound port; waits until the simulator listens. Throws ``SimulatorStopped`` where ``run()`` ended before, and
    /// `CancellationError` where the waiting task is cancelled.
    package func port() async throws -> Int { try await boundPort.value() }

    /// `http://host:port`, to be given to a client as Graph's base URL; waits until the simulator listens.
    package func baseURL() async throws -> String {
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        return "http://\(host):\(try await port())"
    }

    private func serve(on reactor: Reactor) async throws {
        let handler = SimulatorHandler(
            endpoint: endpoint,
            control: ControlRoutes(simulator: self),
            maximumBodyBytes: configuration.maximumBodyBytes,
            reactor: reactor
        )
        let server = HTTPServer(reactor: reactor, settings: Self.settings, handler: handler) { [logger] notice in
            logger.warning("Graph simulator: \(notice.words)")
        }
        let port = try await server.listen(host: configuration.host, port: configuration.port)
        logger.info("Graph simulator listens", metadata: ["port": "\(port)"])
        boundPort.listen(on: port)
        await Self.untilCancelled()
        // Replies that are held back may take an hour.
        await server.stop(within: .milliseconds(200))
    }

    /// Clients keep as many connections as they have calls in flight, and hold them while they think.
    private static var settings: HTTPServerSettings {
        var settings = HTTPServerSettings()
        settings.maxConnections = 20_000
        settings.idleTimeout = .seconds(300)
        return settings
    }

    private static func untilCancelled() async {
        for await _ in AsyncStream<Never>.makeStream().stream {}
    }
}

/// The endpoint's state, shared by connections and control.
final class SharedEndpoint: Sendable {
    private let state: Mutex<MessagesEndpoint>

    init(_ endpoint: sending MessagesEndpoint) {
        state = Mutex(endpoint)
    }

    func withLock<Result: Sendable>(_ body: (inout MessagesEndpoint) -> Result) -> Result {
        state.withLock { body(&$0) }
    }
}
