import Hummingbird
import HummingbirdCore
package import Logging
import Synchronization

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
        do {
            try await makeApplication().run()
        } catch is CancellationError {
            logger.debug("Graph simulator stopped")
        }
    }

    /// The bound port; waits until the simulator listens. Throws ``SimulatorStopped`` where ``run()`` ended before, and
    /// `CancellationError` where the waiting task is cancelled.
    package func port() async throws -> Int { try await boundPort.value() }

    /// `http://host:port`, to be given to a client as Graph's base URL; waits until the simulator listens.
    package func baseURL() async throws -> String {
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        return "http://\(host):\(try await port())"
    }

    private func makeApplication() -> some ApplicationProtocol {
        // The server's own lines, about its start and the cancellation that ends it, say nothing that is not thrown too.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .critical)
        return Application(
            router: ControlRoutes(simulator: self).router,
            server: HTTPServerBuilder { [endpoint, configuration] responder in
                SimulatorChannel(
                    control: HTTP1Channel(responder: responder),
                    endpoint: endpoint,
                    maximumBodyBytes: configuration.maximumBodyBytes
                )
            },
            configuration: ApplicationConfiguration(address: .hostname(configuration.host, port: configuration.port)),
            onServerRunning: { [boundPort, logger] channel in
                guard let port = channel.localAddress?.port else { return boundPort.stop() }
                logger.info("Graph simulator listens", metadata: ["port": "\(port)"])
                boundPort.listen(on: port)
            },
            logger: quiet
        )
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
