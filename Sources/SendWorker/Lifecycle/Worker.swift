import FoundationEssentials
import InstagramMessaging
import KafkaClient
import Reactor
import SendEngine
import Synchronization
package import Telemetry

/// A replica of the worker: assembled from its configuration, run until it is told to stop.
package final class Worker: Sendable {
    private let configuration: WorkerConfiguration
    private let tokens: any TokenSource
    private let followsMovedOffsets: Bool
    private let watch: ConfigurationWatch?
    private let clock: WorkerClock
    private let logger: Logger
    private let tracer: SpanTracer?
    private let repetitions: RepetitionLimiter
    private let stop = StopSignal()
    /// The port that the admin endpoints listen on, once they do.
    private let boundAdminPort = Mutex<Int?>(nil)

    /// - Parameters:
    ///   - tokens: Where access tokens come from; its `run` is called by the worker.
    ///   - followsMovedOffsets: Whether offsets of the group count that somebody else committed, instead of the ledger.
    ///   - watch: Reads the configuration again while the worker runs; nil where it stays as it is.
    ///   - logger: Where the worker says what happens.
    ///   - tracer: Makes spans in place of the one that exports to `tracing.endpoint`.
    package init(
        configuration: WorkerConfiguration,
        tokens: any TokenSource,
        followsMovedOffsets: Bool = false,
        watch: ConfigurationWatch? = nil,
        clock: WorkerClock = .system,
        logger: Logger,
        tracer: SpanTracer? = nil
    ) {
        self.configuration = configuration
        self.tokens = tokens
        self.followsMovedOffsets = followsMovedOffsets
        self.watch = watch
        self.clock = clock
        self.logger = logger
        self.tracer = tracer
        self.repetitions = RepetitionLimiter(interval: .seconds(30))
    }

    /// The admin port in use, once it is bound.
    package var adminPort: Int? { boundAdminPort.withLock(\.self) }

    /// The address of the status page, once the admin endpoints listen.
    package var statusPage: String? { adminPort.map { "http://\(configuration.admin.host):\($0)/" } }

    /// Asks the worker to finish what runs, commit, leave the group and end. May be called from anywhere, also before
    /// `run`.
    package func requestStop() {
        stop.request(nil)
    }

    /// Runs until `requestStop`. What hangs while the worker ends is named in the log and left behind.
    ///
    /// - Throws: `WorkerFailure` for what keeps the worker from starting or going on, or from ending in order.
    package func run() async throws {
        Signals.ignoreBrokenPipe()
        DescriptorLimit.prepare(
            maxInFlight: configuration.worker.maxInFlight,
            hosts: 1 + min(tokens.ownBaseURLs.count, 7),
            logger: logger
        )
        let reactors = try WorkerReactors()
        let shutdown = ShutdownSteps(logger: logger)
        let failure = await live(on: reactors, shutdown)
        await shutdown.run("ending the event loops", within: .seconds(5)) {
            await reactors.shutdown()
            return true
        }
        if let failure { throw failure }
        try shutdown.check()
    }

    /// The worker's whole life; gives what made it fail.
    private func live(on reactors: WorkerReactors, _ shutdown: ShutdownSteps) async -> (any Error)? {
        let parts: WorkerParts
        do {
            parts = try WorkerParts(
                WorkerParts.Inputs(
                    configuration: configuration,
                    tokens: tokens,
                    reactors: reactors,
                    clock: clock,
                    logger: logger,
                    repetitions: repetitions,
                    stop: stop,
                    followsMovedOffsets: followsMovedOffsets,
                    tracer: tracer,
                    watch: watch
                )
            )
        } catch {
            return error
        }
        let firstEnd = FirstValue<(any Error)?>()
        let life = Task { try await run(parts, shutdown, firstEnd) }
        let failure = await withTaskCancellationHandler {
            await firstEnd.value()
        } onCancel: {
            life.cancel()
        }
        await shutdown.run("ending the admin server and the other services", within: .seconds(15)) {
            _ = await life.result
            return true
        }
        await parts.close(in: shutdown)
        return failure
    }

    /// Runs the work and what serves it.
    ///
    /// - Parameter firstEnd: Told what ended first, which ends the rest: nil for the work, in order.
    private func run(
        _ parts: WorkerParts,
        _ shutdown: ShutdownSteps,
        _ firstEnd: FirstValue<(any Error)?>
    ) async throws {
        let server: AdminServer.Bound
        do {
            server = try await parts.bindAdmin()
        } catch {
            firstEnd.set(error)
            throw error
        }
        boundAdminPort.withLock { $0 = server.port }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            parts.addServices(to: &tasks, admin: server)
            // The work's end, good or bad, is the worker's end; so is a service's failure.
            tasks.addTask {
                try await self.work(with: parts, shutdown)
                throw WorkIsDone()
            }
            do {
                while try await tasks.next() != nil {}
                firstEnd.set(nil)
            } catch {
                firstEnd.set(error is WorkIsDone ? nil : error)
                throw error
            }
        }
    }

    private struct WorkIsDone: Error {}

    /// Checks the topics, joins the group, and works until the stop; then drains and leaves.
    private func work(with parts: WorkerParts, _ shutdown: ShutdownSteps) async throws {
        guard try await stop.interrupting({ try await parts.prepare() }) else { return }
        try await parts.start()
        logger.notice(
            "worker started",
            metadata: [
                "requests_topic": "\(configuration.topics.requests)",
                "group": "\(configuration.kafka.groupId)",
                "kafka": "\(configuration.kafka.bootstrapServers)",
                "graph": "\(configuration.graph.baseURL)",
            ]
        )
        var failure = await stop.wait()
        if failure?.isOrderly ?? true {
            logger.notice("stopping: calls in flight are finished, then results and offsets are committed")
            do throws(WorkerFailure) { try await parts.drain(in: shutdown) } catch { failure = failure ?? error }
        }
        await parts.leave(in: shutdown)
        if let failure { throw failure }
        logger.notice("worker stopped")
    }
}

/// Which worker this is, for people who look at several.
struct WorkerIdentity: Sendable {
    var group: String
    /// The transactional id of this replica: its group's name with its own or a random one.
    var replica: String
    /// Its own name, where it has one.
    var instanceID: String?
    var host = ProcessInfo.processInfo.hostName
    var requestsTopic: String
    var graph: String
    var guarantee: String
    var startedAt: Timestamp

    init(_ configuration: WorkerConfiguration, replicas: ReplicaNames, startedAt: Timestamp) {
        group = configuration.kafka.groupId
        replica = replicas.own
        instanceID = configuration.kafka.instanceId
        requestsTopic = configuration.topics.requests
        graph = configuration.graph.baseURL
        guarantee = configuration.delivery.guarantee.rawValue
        self.startedAt = startedAt
    }

    /// Writes the members `now` and `worker` of `/api/status`.
    ///
    /// - Parameter ownBaseURLs: How many accounts are called elsewhere, by where.
    func write(to json: inout JSONWriter, ownBaseURLs: [String: Int] = [:], now: Timestamp) {
        json.member("now", now.rfc3339)
        json.name("worker")
        json.beginObject()
        json.member("version", WorkerVersion.current)
        json.member("group", group)
        json.member("replica", replica)
        json.member("instance_id", orNull: instanceID)
        json.member("host", host)
        json.member("requests_topic", requestsTopic)
        json.member("graph", graph)
        json.name("other_graphs")
        json.beginArray()
        for (url, accounts) in ownBaseURLs.sorted(by: { $0.key < $1.key }) {
            json.beginObject()
            json.member("base_url", url)
            json.member("accounts", accounts)
            json.endObject()
        }
        json.endArray()
        json.member("delivery_guarantee", guarantee)
        json.member("started_at", startedAt.rfc3339)
        json.member(
            "uptime_seconds",
            max(now.millisecondsSinceEpoch - startedAt.millisecondsSinceEpoch, 0) / 1_000
        )
        json.endObject()
    }
}

/// Why a worker could not start or had to stop, with the exit code that says so to whoever started it.
package struct WorkerFailure: Error, Sendable, CustomStringConvertible {
    /// The meaning of an exit code for the supervisor.
    package enum Kind: Int32, Sendable {
        /// Something failed that a restart may or may not mend.
        case failed = 1
        /// The configuration, or what it points to, has to be put right first.
        case configuration = 2
        /// Kafka fenced this process or failed for good: start it again.
        case restart = 3
    }

    package var kind: Kind
    /// The failure and its remedy, in one line.
    package var description: String

    /// Whether what runs can still be finished and committed.
    package var isOrderly: Bool

    package init(_ kind: Kind, _ description: String, isOrderly: Bool = false) {
        self.kind = kind
        self.isOrderly = isOrderly
        self.description = description
    }
}

extension WorkerFailure {
    /// The consumer has failed for good.
    static func consumerFailed(_ error: KafkaError, _ kafka: WorkerConfiguration.Kafka) -> WorkerFailure {
        guard error.code == KafkaError.Code.fencedInstanceID, let name = kafka.instanceId else {
            return WorkerFailure(.restart, "the consumer failed for good: \(error). Restart the worker.")
        }
        return WorkerFailure(
            .restart,
            "another process has joined the group \(kafka.groupId) with this replica's kafka.instanceId, \(name), and goes on in its "
                + "place: \(error). Where two replicas run, give each a name of its own; a restart takes the name back"
        )
    }
}

/// The worker's name for itself where programs tell each other who they are.
package enum WorkerVersion {
    package static let name = "instagram-send-worker"
    package static let current = "0.1.0"
}
