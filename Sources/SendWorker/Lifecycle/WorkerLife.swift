import HTTP
import KafkaClient
import SendEngine
import Synchronization
package import Telemetry

extension WorkerParts {
    /// The admin endpoints, with their port taken: before the group is joined, or each start of a worker that cannot have
    /// its port would move partitions.
    func bindAdmin() async throws(AdminServerError) -> AdminServer.Bound {
        try await AdminServer(
            host: configuration.admin.host,
            port: configuration.admin.port,
            reactor: reactors.side,
            allowedHosts: configuration.admin.allowedHosts,
            registry: metrics.registry,
            provider: adminView,
            token: configuration.admin.token,
            beforeMetrics: { [health, metrics] in
                metrics.readProcess()
                health.show(in: metrics)
            },
            logger: logger
        ).bind()
    }

    /// Adds what runs beside the work for as long as the worker lives.
    func addServices(to tasks: inout ThrowingTaskGroup<Void, any Error>, admin server: AdminServer.Bound) {
        tracing.start()
        tasks.addTask { await server.serve() }
        tasks.addTask { await tokens.run() }
        tasks.addTask {
            for await accounts in tokens.changes {
                loop.post(.tokensChanged(accounts))
                // Where there may be more, calls come in between.
                guard accounts.count == WatchedTokens.largestAnnouncement else { continue }
                try? await Task.sleep(for: .milliseconds(1))
            }
        }
        tasks.addTask { await refreshTokens() }
        tasks.addTask {
            await trust.watch { context in
                transport.replaceTLS(context)
                preflight.replaceTLS(context)
                refreshClient.replaceTLS(context)
            }
        }
        if let watch {
            tasks.addTask { await watch.run { takeOver($0) } }
        }
        tasks.addTask { try await commands.run(with: consumer) }
        tasks.addTask {
            // Before, what is wrong with brokers and topics is said by those who wait for them.
            for await _ in prepared.stream { await topicCheck.warnOfCleanupPolicies(with: admin) }
        }
        tasks.addTask { try await topicCheck.watchPartitions(with: admin) { placement.setPartitions($0) } }
        tasks.addTask { try await health.watch(loop: loop, consumer: consumer) }
    }

    /// Keeps tokens from expiring, where that is wanted.
    private func refreshTokens() async {
        guard configuration.tokens.refresh, let place = TokenSources.place(configuration.tokens) else { return }
        let call = RefreshCall(client: refreshClient)
        let refresher = TokenRefresher(
            place: place,
            refreshBefore: configuration.tokens.refreshBefore,
            baseURL: configuration.graph.baseURL,
            ask: { await call.ask(for: $0, at: $1) },
            now: { WorkerClock.system.now.wall },
            pause: { try await Task.sleep(for: TokenRefresher.interval) },
            count: { [metrics] in metrics.tokenRefreshed($0) },
            repetitions: RepetitionLimiter(interval: TokenRefresher.repetitionInterval),
            logger: logger
        )
        await refresher.run()
    }

    /// The configuration was read again.
    private func takeOver(_ news: ConfigurationWatch.News) {
        metrics.configurationReloaded(news.outcome)
        guard news.outcome == .applied else { return }
        let settings = EngineSettings(news.effective)
        loop.post(.limitsChanged(settings.limits, accounts: settings.accountLimits))
    }

    /// Waits for the brokers, checks the topics and makes sure that commits are possible.
    func prepare() async throws {
        try await brokerCheck.run(with: admin, on: reactors.side)
        // librdkafka puts the question about the group three times, which takes 0.2 s.
        async let group: Void = checkGroup()
        try await topicCheck.run(with: admin)
        async let commits: Void = commitPath.prepare()
        try await group
        try await commits
        prepared.continuation.yield()
        prepared.continuation.finish()
    }

    private func checkGroup() async throws {
        if !commitPath.triesGroup { try await groupCheck.run(with: consumer) }
    }

    /// Joins the consumer group.
    func start() async throws {
        try await consumer.subscribe(to: [configuration.topics.requests])
    }

    /// Finishes what runs and commits it.
    ///
    /// - Throws: `WorkerFailure` where outcomes could not be committed.
    func drain(in shutdown: ShutdownSteps) async throws(WorkerFailure) {
        // The loop keeps to the drain time-out by itself, unless it has stalled.
        let limit = configuration.worker.drainTimeout + .seconds(5)
        let left = Mutex(0)
        await shutdown.run("finishing calls and committing", within: limit) {
            let count = await loop.drain()
            left.withLock { $0 = count }
            return true
        }
        let count = left.withLock(\.self)
        guard count > 0 else { return }
        throw WorkerFailure(
            .failed,
            "the worker stopped, and \(count) outcomes could not be committed, within worker.drainTimeout "
                + "(\(DurationText.show(configuration.worker.drainTimeout))) or before the group took their partitions away: "
                + "the next owner sends these messages again. The log says why commits fail"
        )
    }

    /// Leaves the group.
    func leave(in shutdown: ShutdownSteps) async {
        await shutdown.run("leaving the consumer group", within: .seconds(13)) {
            if await !consumer.close(timeout: .seconds(10)) {
                logger.warning(
                    "the consumer did not leave its group in time; its partitions move after the session time-out"
                )
            }
            return true
        }
    }

    /// Frees what is left, after the services have ended.
    func close(in shutdown: ShutdownSteps) async {
        // Left already, unless a service has failed.
        await leave(in: shutdown)
        await tracing.close(in: shutdown)
        await shutdown.run("closing the connections to the endpoint", within: .seconds(5)) {
            await transport.shutdown()
            return true
        }
        await shutdown.run("closing the connections to media hosts", within: .seconds(5)) {
            await preflight.shutdown()
            await refreshClient.shutdown()
            return true
        }
        await shutdown.run("closing the Kafka producer", within: .seconds(13)) { await commitPath.close() }
        await shutdown.run("closing the Kafka admin client", within: .seconds(8)) { await admin.close() }
    }
}

/// The steps of a shutdown, each with a time limit: what hangs is named in the log and left behind, and the next step
/// follows. librdkafka's close is known to hang now and then, and a worker that cannot end keeps its supervisor waiting.
package final class ShutdownSteps: Sendable {
    private let logger: Logger
    private let sleep: @Sendable (Duration) async throws -> Void
    private let names = Mutex<[String]>([])

    /// - Parameter sleep: Waits for a step's time to pass; given in so that a test need not.
    package init(
        logger: Logger,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.logger = logger
        self.sleep = sleep
    }

    /// The steps that did not end in time, in order.
    package var hung: [String] { names.withLock(\.self) }

    /// Runs a step and returns when it has ended or its time has passed; in that case it is cancelled and goes on by
    /// itself. The caller's own cancellation does not cut a step short.
    ///
    /// - Parameters:
    ///   - name: What the step does, as in "leaving the consumer group".
    ///   - limit: The longest time to wait.
    ///   - body: The step; false where it left something behind that hangs.
    package func run(_ name: String, within limit: Duration, _ body: @escaping @Sendable () async -> Bool) async {
        let end = FirstValue<Bool>()
        let work = Task { end.set(await body()) }
        let alarm = Task {
            do { try await sleep(limit) } catch { return }
            end.set(false)
        }
        let isDone = await end.value()
        alarm.cancel()
        guard !isDone else { return }
        work.cancel()
        names.withLock { $0.append(name) }
        logger.error(
            "a step of the shutdown hangs and is left behind",
            metadata: ["step": "\(name)", "limit": "\(limit)"]
        )
    }

    /// - Throws: `WorkerFailure` of kind `failed` where a step hung.
    package func check() throws(WorkerFailure) {
        let hung = hung
        guard !hung.isEmpty else { return }
        throw WorkerFailure(
            .failed,
            "the worker stopped, but not in order: \(hung.joined(separator: ", ")) did not end in time"
        )
    }
}

/// The first of several values that are set, for the one who waits for it.
package final class FirstValue<Value: Sendable>: Sendable {
    private enum State {
        case unset
        case awaited(CheckedContinuation<Value, Never>)
        case set(Value)
    }

    private let state = Mutex(State.unset)

    package init() {}

    /// Sets a value; only the first counts.
    package func set(_ value: Value) {
        let waiting: CheckedContinuation<Value, Never>? = state.withLock { state in
            switch state {
            case .unset:
                state = .set(value)
                return nil
            case .awaited(let continuation):
                state = .set(value)
                return continuation
            case .set: return nil
            }
        }
        waiting?.resume(returning: value)
    }

    /// Waits for the first value, whether or not the task is cancelled. To be called once.
    package func value() async -> Value {
        await withCheckedContinuation { continuation in
            let value: Value? = state.withLock { state in
                if case .set(let value) = state { return value }
                state = .awaited(continuation)
                return nil
            }
            if let value { continuation.resume(returning: value) }
        }
    }
}

/// Tells the worker once that it is to stop, and why.
package final class StopSignal: Sendable {
    private struct State {
        var isRequested = false
        var failure: WorkerFailure?
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Asks for the stop; nil means an orderly one. Only the first request counts.
    package func request(_ failure: WorkerFailure?) {
        let waiting = state.withLock { state in
            guard !state.isRequested else { return [CheckedContinuation<Void, Never>]() }
            state.isRequested = true
            state.failure = failure
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits for the request, or for the cancellation of the waiting task.
    ///
    /// - Returns: The failure that asked for the stop; nil for an orderly one.
    package func wait() async -> WorkerFailure? {
        let waiter = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.isRequested || Task.isCancelled { return true }
                    state.waiting[waiter] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let continuation = state.withLock { $0.waiting.removeValue(forKey: waiter) }
            continuation?.resume()
        }
        return state.withLock(\.failure)
    }

    /// Runs something that a stop request cuts short: it is cancelled then, and not waited for.
    ///
    /// - Returns: False where the request came first.
    package func interrupting(_ body: @escaping @Sendable () async throws -> Void) async throws -> Bool {
        let end = FirstValue<Result<Bool, any Error>>()
        let work = Task {
            do {
                try await body()
                end.set(.success(true))
            } catch {
                end.set(.failure(error))
            }
        }
        let watch = Task {
            _ = await wait()
            if !Task.isCancelled { end.set(.success(false)) }
        }
        defer {
            work.cancel()
            watch.cancel()
        }
        let result = await withTaskCancellationHandler {
            await end.value()
        } onCancel: {
            work.cancel()
        }
        return try result.get()
    }
}
