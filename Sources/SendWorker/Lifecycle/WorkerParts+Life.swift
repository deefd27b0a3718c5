import HTTP
import KafkaClient
import SendEngine
import Synchronization
import Telemetry

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
            for await accounts in tokens.changes { loop.post(.tokensChanged(accounts)) }
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
        try await topicCheck.run(with: admin)
        try await groupCheck.run(with: consumer)
        try await commitPath.prepare()
        prepared.continuation.yield()
        prepared.continuation.finish()
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
