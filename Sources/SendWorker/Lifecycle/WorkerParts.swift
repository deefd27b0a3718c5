import InstagramMessaging
import KafkaClient
import Logging
import NIOCore
import PrometheusMetrics
import SendEngine
import Tracing

/// The parts of a running worker, wired to each other.
struct WorkerParts: Sendable {
    let configuration: WorkerConfiguration
    let tokens: any TokenSource
    let logger: Logger
    let topicCheck: TopicCheck
    let admin: KafkaAdmin
    let consumer: KafkaConsumer
    let commands: ConsumerCommands
    let commitPath: CommitPath
    let transport: HTTPGraphTransport
    let preflight: MediaPreflight
    let loop: EngineLoop
    let health: WorkerHealth
    let metrics: WorkerMetrics
    let tracing: WorkerTracing
    let adminView: AdminView
    let watch: ConfigurationWatch?

    /// What the parts are made from.
    struct Inputs: Sendable {
        var configuration: WorkerConfiguration
        var tokens: any TokenSource
        var eventLoop: any EventLoop
        var clock: WorkerClock
        var logger: Logger
        var repetitions: RepetitionLimiter
        var stop: StopSignal
        /// Makes spans in place of the worker's own tracer.
        var tracer: (any Tracer)?
        /// Reads the configuration again; nil where it stays as it is.
        var watch: ConfigurationWatch?
    }

    init(_ inputs: Inputs) throws {
        configuration = inputs.configuration
        tokens = inputs.tokens
        logger = inputs.logger
        watch = inputs.watch
        let (clock, logger, repetitions) = (inputs.clock, inputs.logger, inputs.repetitions)
        let kafka = KafkaConfiguration(worker: configuration, logger: logger, repetitions: repetitions)
        topicCheck = TopicCheck(topics: configuration.topics, logger: logger, repetitions: repetitions)
        admin = try KafkaAdmin(configuration: kafka)
        metrics = try WorkerMetrics()
        metrics.started(at: clock.now.wall)
        tracing = WorkerTracing(inputs, metrics: metrics)
        transport = try HTTPGraphTransport(
            settings: GraphSettings(configuration),
            tokens: tokens,
            now: { clock.now.wall }
        )
        preflight = MediaPreflight(allowsPrivateHosts: configuration.validation.allowPrivateHosts)
        commands = ConsumerCommands(topic: configuration.topics.requests, logger: logger)

        let entrance = LoopEntrance()
        let contact = BrokerContact()
        let router = ConsumerEventRouter(inputs, metrics: metrics, contact: contact, post: { entrance($0) })
        let consumer = try KafkaConsumer(
            configuration: kafka,
            groupID: configuration.kafka.groupId,
            instanceID: configuration.kafka.instanceId,
            onEvent: { router.take($0) }
        )
        self.consumer = consumer
        let records = TerminalRecords(
            resultsTopic: configuration.topics.results,
            deadLettersTopic: configuration.topics.deadLetters
        )
        let stateTopic = StateTopic(name: configuration.topics.state)
        let replicas = ReplicaNames(groupID: configuration.kafka.groupId, instanceID: configuration.kafka.instanceId)
        let stateReader = StateReader(
            source: StateSource(
                stateTopic: stateTopic,
                requestsTopic: configuration.topics.requests,
                configuration: kafka,
                replicas: replicas,
                committedOffsets: { try await consumer.committedOffsets($0) }
            ),
            patience: kafka.transactionTimeout + StateReader.timeToAbort,
            metrics: metrics,
            logger: logger,
            repetitions: repetitions
        )
        commitPath = try CommitPath(
            CommitPathInputs(
                configuration: configuration,
                kafka: kafka,
                replicas: replicas,
                consumer: consumer,
                records: records,
                stateTopic: stateTopic,
                stateReader: stateReader,
                metrics: metrics,
                logger: logger,
                repetitions: repetitions
            )
        )
        let heartbeat = Heartbeat(start: clock.now.monotonic)
        let standing = CommitStanding()
        let safety = SafetyStanding()
        loop = EngineLoop(
            engine: SendEngine(settings: EngineSettings(configuration), random: SystemRandomNumberGenerator()),
            settings: EngineLoop.Settings(
                commitInterval: configuration.delivery.commitInterval,
                drainTimeout: configuration.worker.drainTimeout,
                sessionTimeout: configuration.kafka.sessionTimeout,
                heartbeatInterval: configuration.kafka.heartbeatInterval,
                logsMessageText: configuration.log.messageText
            ),
            ports: LoopPorts(
                send: { [transport] in transport.send($0, completion: $1) },
                checkMedia: { [preflight] in await preflight.check($0) },
                restore: { await stateReader.restore($0) },
                committer: commitPath.committer,
                consumer: { [commands] in commands.submit($0) }
            ),
            terminalRecords: records,
            requestsTopic: configuration.topics.requests,
            eventLoop: inputs.eventLoop,
            clock: clock,
            metrics: metrics,
            heartbeat: heartbeat,
            standing: standing,
            tracing: tracing.requests,
            safetyStanding: safety,
            activity: RecentActivity(clock: clock),
            logger: logger,
            onFailure: { [stop = inputs.stop] in stop.request(WorkerFailure(.restart, "\($0)")) }
        )
        entrance.open(to: loop)
        health = WorkerHealth(
            loop: heartbeat,
            consumer: Heartbeat(start: clock.now.monotonic),
            contact: contact,
            standing: standing,
            safety: safety,
            isAssigned: { router.isAssigned },
            clock: clock
        )
        adminView = AdminView(
            health: health,
            loop: loop,
            identity: WorkerIdentity(configuration, replicas: replicas, startedAt: clock.now.wall),
            clock: clock
        )
    }
}

extension ConsumerEventRouter {
    fileprivate convenience init(
        _ inputs: WorkerParts.Inputs,
        metrics: WorkerMetrics,
        contact: BrokerContact,
        post: @escaping @Sendable (LoopEvent) -> Void
    ) {
        self.init(
            intake: Intake(configuration: inputs.configuration),
            requestsTopic: inputs.configuration.topics.requests,
            clock: inputs.clock,
            logger: inputs.logger,
            post: post,
            onConnection: { contact.noteReport(isUp: $0) },
            onStatistics: { [topic = inputs.configuration.topics.requests] in
                metrics.show(statistics: $0, of: .consumer, topic: topic)
            },
            onFatal: { [stop = inputs.stop] error in
                stop.request(WorkerFailure(.restart, "the consumer failed for good: \(error). Restart the worker."))
            }
        )
    }
}
