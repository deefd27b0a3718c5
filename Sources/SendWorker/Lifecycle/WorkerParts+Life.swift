import KafkaClient
import Logging
import SendEngine

extension WorkerParts {
    /// Adds what runs beside the work for as long as the worker lives.
    func addServices(
        to tasks: inout ThrowingTaskGroup<Void, any Error>,
        onAdminBound: @escaping @Sendable (Int) -> Void
    ) {
        let server = AdminServer(
            host: configuration.admin.host,
            port: configuration.admin.port,
            registry: metrics.registry,
            provider: AdminView(health: health, loop: loop),
            logger: logger
        )
        tasks.addTask { try await server.run(onBound: onAdminBound) }
        tasks.addTask { await tokens.run() }
        tasks.addTask {
            for await accounts in tokens.changes { loop.post(.tokensChanged(accounts)) }
        }
        tasks.addTask { try await commands.run(with: consumer) }
        tasks.addTask { await topicCheck.warnUnlessCompacted(with: admin) }
        tasks.addTask { try await health.watch(loop: loop, consumer: consumer) }
    }

    /// Waits for the brokers, checks the topics and makes sure that commits are possible.
    func prepare() async throws {
        try await topicCheck.run(with: admin)
        try await commitPath.prepare()
    }

    /// Joins the consumer group.
    func start() async throws {
        try await consumer.subscribe(to: [configuration.topics.requests])
    }

    /// Finishes what runs and commits it.
    func drain() async {
        await loop.drain()
    }

    /// Leaves the group.
    func leave() async {
        let hasLeft = await consumer.close(timeout: .seconds(10))
        if !hasLeft {
            logger.warning(
                "the consumer did not leave its group in time; its partitions move after the session time-out"
            )
        }
    }

    /// Frees what is left, after the services have ended.
    func close() async {
        await transport.shutdown()
        await preflight.shutdown()
        await commitPath.close()
        await admin.close()
    }
}
