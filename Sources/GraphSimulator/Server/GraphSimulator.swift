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

/// Control in process: the same as the HTTP control interface. Safe from any thread; none of these waits.
extension GraphSimulator {
    /// Sets a fault besides those already set and returns its id. Throws ``InvalidFault`` where its numbers or its
    /// scope make no sense.
    @discardableResult
    package func addFault(_ fault: SimulatorFault) throws(InvalidFault) -> Int {
        try fault.check()
        let now = Moment.monotonicNanoseconds()
        return endpoint.withLock { $0.faults.add(fault, now: now) }
    }

    /// Sets several faults at once; none where one of them is invalid. `replacing` removes those set before.
    @discardableResult
    package func addFaults(_ faults: [SimulatorFault], replacing: Bool = false) throws(InvalidFault) -> [Int] {
        for fault in faults { try fault.check() }
        let now = Moment.monotonicNanoseconds()
        return endpoint.withLock { endpoint in
            if replacing { endpoint.faults.removeAll() }
            return faults.map { endpoint.faults.add($0, now: now) }
        }
    }

    /// Removes a fault; false where there is none of that id (any more).
    @discardableResult
    package func removeFault(id: Int) -> Bool {
        endpoint.withLock { $0.faults.remove(id: id) }
    }

    /// Removes all faults.
    package func removeAllFaults() {
        endpoint.withLock { $0.faults.removeAll() }
    }

    /// The faults that are set and not over.
    package var faults: [ActiveFault] {
        let now = Moment.monotonicNanoseconds()
        return endpoint.withLock { $0.faults.active(at: now) }
    }

    /// Logged calls with a sequence above `since`, oldest first.
    package func calls(since: UInt64 = 0, account: String? = nil, limit: Int = .max) -> [CallRecord] {
        let log = endpoint.withLock { $0.log }
        return log.records(since: since, account: account, limit: limit)
    }

    /// The calls that each conversation accepted, in order; one account's only where it is given. Exact over the calls
    /// the log still holds.
    package func conversations(account: String? = nil) -> [ConversationLog] {
        endpoint.withLock { $0.log }.conversations(account: account)
    }

    /// Sums the log up. Takes about a second for a million calls; calls go on meanwhile.
    package func summary() -> SimulatorSummary {
        let log = endpoint.withLock { $0.log }
        return SimulatorSummary(of: log.records, forgotten: log.forgotten)
    }

    /// Forgets faults, calls and the state of limits, and starts the seed anew.
    package func reset() {
        endpoint.withLock { $0.reset() }
    }
}

/// The port the simulator listens on, for those who wait for it.
private final class BoundPort: Sendable {
    private enum State {
        case starting(waiting: [UInt64: CheckedContinuation<Int, any Error>])
        case listening(Int)
        case stopped
    }

    private let state = Mutex((State.starting(waiting: [:]), lastWaiter: UInt64(0)))

    /// Waits until the simulator listens; throws ``SimulatorStopped`` where it ended before, `CancellationError` where
    /// the waiting task is cancelled.
    func value() async throws -> Int {
        let waiter = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if let result = register(continuation, as: waiter) { continuation.resume(with: result) }
            }
        } onCancel: {
            removeWaiter(waiter)?.resume(throwing: CancellationError())
        }
    }

    func listen(on port: Int) {
        for continuation in change(to: .listening(port)) { continuation.resume(returning: port) }
    }

    func stop() {
        for continuation in change(to: .stopped) { continuation.resume(throwing: SimulatorStopped()) }
    }

    /// The result where it is known already; nil where the continuation waits now.
    private func register(
        _ continuation: CheckedContinuation<Int, any Error>,
        as waiter: UInt64
    ) -> Result<Int, any Error>? {
        state.withLock { state in
            switch state.0 {
            case .listening(let port): return .success(port)
            case .stopped: return .failure(SimulatorStopped())
            case .starting(var waiting):
                if Task.isCancelled { return .failure(CancellationError()) }
                waiting[waiter] = continuation
                state.0 = .starting(waiting: waiting)
                return nil
            }
        }
    }

    private func removeWaiter(_ waiter: UInt64) -> CheckedContinuation<Int, any Error>? {
        state.withLock { state in
            guard case .starting(var waiting) = state.0 else { return nil }
            let continuation = waiting.removeValue(forKey: waiter)
            state.0 = .starting(waiting: waiting)
            return continuation
        }
    }

    private func change(to new: State) -> [CheckedContinuation<Int, any Error>] {
        state.withLock { state in
            defer { state.0 = new }
            if case .starting(let waiting) = state.0 { return Array(waiting.values) }
            return []
        }
    }
}

/// The simulator ended before it listened.
package struct SimulatorStopped: Error, CustomStringConvertible {
    package var description: String { "the Graph simulator ended before it listened; run() tells why" }
}
