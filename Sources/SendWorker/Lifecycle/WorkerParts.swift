import HTTP
import InstagramMessaging
import KafkaClient
import Reactor
import SendEngine
import Synchronization
import Telemetry

/// The parts of a running worker, wired to each other.
struct WorkerParts: Sendable {
    let configuration: WorkerConfiguration
    let tokens: any TokenSource
    let logger: Logger
    let brokerCheck: BrokerCheck
    let topicCheck: TopicCheck
    let groupCheck: GroupCheck
    /// Yields once, when brokers and topics have been checked.
    let prepared = AsyncStream<Void>.makeStream()
    let placement: PlacementWatch
    let admin: KafkaAdmin
    let consumer: KafkaConsumer
    let commands: ConsumerCommands
    let commitPath: CommitPath
    let trust: EndpointTrust
    let transport: HTTPGraphTransport
    let preflight: MediaPreflight
    let refreshClient: HTTPClient
    let loop: EngineLoop
    let health: WorkerHealth
    let metrics: WorkerMetrics
    let tracing: WorkerTracing
    let adminView: AdminView
    let watch: ConfigurationWatch?
    let reactors: WorkerReactors

    /// The inputs that the parts are made from.
    struct Inputs: Sendable {
        var configuration: WorkerConfiguration
        var tokens: any TokenSource
        var reactors: WorkerReactors
        var clock: WorkerClock
        var logger: Logger
        var repetitions: RepetitionLimiter
        var stop: StopSignal
        /// Whether offsets of the group count that somebody else committed.
        var followsMovedOffsets = false
        /// Makes spans in place of the worker's own tracer.
        var tracer: SpanTracer?
        /// Reads the configuration again; nil where it stays as it is.
        var watch: ConfigurationWatch?
    }

    init(_ inputs: Inputs) throws {
        configuration = inputs.configuration
        tokens = inputs.tokens
        logger = inputs.logger
        watch = inputs.watch
        reactors = inputs.reactors
        let (clock, logger, repetitions) = (inputs.clock, inputs.logger, inputs.repetitions)
        let kafka = KafkaConfiguration(worker: configuration, logger: logger, repetitions: repetitions)
        topicCheck = TopicCheck(
            topics: configuration.topics,
            outstanding: configuration.worker.maxOutstandingPerPartition,
            logger: logger,
            repetitions: repetitions
        )
        let complaints = KafkaComplaints()
        admin = try KafkaAdmin(configuration: kafka.complaining(to: complaints))
        brokerCheck = BrokerCheck(
            bootstrapServers: configuration.kafka.bootstrapServers,
            securityProtocol: configuration.kafka.securityProtocol,
            complaints: complaints,
            logger: logger,
            repetitions: repetitions
        )
        groupCheck = GroupCheck(
            group: configuration.kafka.groupId,
            requestsTopic: configuration.topics.requests,
            strategies: kafka.assignmentStrategies,
            logger: logger,
            repetitions: repetitions
        )
        metrics = try WorkerMetrics()
        metrics.started(at: clock.now.wall)
        tracing = WorkerTracing(inputs, metrics: metrics)
        trust = try EndpointTrust(configuration.graph, logger: logger)
        transport = try HTTPGraphTransport(
            settings: GraphSettings(configuration, tls: trust.current),
            tokens: tokens,
            reactor: reactors.main,
            now: { clock.now.wall },
            onOddity: { [metrics, oddities = AnswerOddities(logger: logger, repetitions: repetitions)] in
                metrics.odd($0)
                oddities.log($0)
            }
        )
        preflight = MediaPreflight(
            reactor: reactors.side,
            tls: trust.current,
            allowsPrivateHosts: configuration.validation.allowPrivateHosts
        )
        refreshClient = HTTPClient(reactor: reactors.side, settings: Self.refreshSettings(configuration, trust))
        commands = ConsumerCommands(
            topic: configuration.topics.requests,
            logger: logger,
            repetitions: repetitions
        )

        let inbox = LoopInbox()
        let statuses = Statuses(clock: clock)
        placement = PlacementWatch(
            topic: configuration.topics.requests,
            logger: logger,
            repetitions: RepetitionLimiter(interval: .seconds(600)),
            count: { [metrics] in metrics.misplaced() }
        )
        let router = ConsumerEventRouter(
            inputs,
            placement: placement,
            metrics: metrics,
            contact: statuses.contact,
            groupCheck: groupCheck,
            admin: admin,
            post: { inbox($0) }
        )
        consumer = try KafkaConsumer(
            configuration: kafka,
            groupID: configuration.kafka.groupId,
            instanceID: configuration.kafka.instanceId,
            onEvent: { router.take($0) }
        )
        let names = Names(configuration)
        let groupQuestion = GroupQuestion()
        // Producers are made when they are needed; what keeps them from being made is told now.
        let isTransactional = configuration.delivery.guarantee == .exactlyOnce
        if let refusal = kafka.refusalOfProducer(transactionalID: isTransactional ? names.replicas.own : nil) {
            throw refusal
        }
        let stateReader = StateReader(inputs, kafka: kafka, names: names, consumer: consumer, metrics: metrics)
        commitPath = CommitPath(
            CommitPathInputs(
                configuration: configuration,
                kafka: kafka,
                replicas: names.replicas,
                consumer: consumer,
                clock: clock,
                groupQuestion: groupQuestion,
                admin: admin,
                records: names.records,
                stateTopic: names.stateTopic,
                stateReader: stateReader,
                metrics: metrics,
                logger: logger,
                repetitions: repetitions
            )
        )
        loop = EngineLoop(
            inputs,
            ports: LoopPorts(
                send: { [transport] in transport.send($0, for: $1) },
                checkMedia: { [preflight] in await preflight.check($0) },
                restore: { await stateReader.restore($0, $1) },
                logStarts: { [consumer, topic = configuration.topics.requests] in
                    await consumer.logStarts($0, of: topic)
                },
                requestLogs: { [consumer, topic = configuration.topics.requests] numbers in
                    let partitions = numbers.map { TopicPartition(topic: topic, partition: $0) }
                    let logs = (try? await consumer.logs(of: partitions)) ?? [:]
                    return Dictionary(
                        uniqueKeysWithValues: logs.map {
                            ($0.key.partition, $0.value.low..<max($0.value.low, $0.value.high))
                        }
                    )
                },
                refuse: { [stop = inputs.stop] in stop.request(WorkerFailure(.restart, $0, isOrderly: true)) },
                committer: commitPath.committer,
                groupAskedAt: { groupQuestion.askedAt },
                consumer: { [commands] in commands.submit($0) }
            ),
            names: names,
            metrics: metrics,
            statuses: statuses,
            tracing: tracing.requests
        )
        inbox.open(to: loop)
        health = WorkerHealth(
            loop: statuses.heartbeat,
            consumer: Heartbeat(start: clock.now.monotonic),
            contact: statuses.contact,
            commitStatus: statuses.commits,
            safety: statuses.safety,
            restoring: statuses.restoring,
            isAssigned: { router.isAssigned },
            clock: clock
        )
        adminView = AdminView(
            health: health,
            loop: loop,
            identity: WorkerIdentity(configuration, replicas: names.replicas, startedAt: clock.now.wall),
            tokens: tokens,
            clock: clock
        )
    }
}

extension WorkerParts {
    /// Returns how the endpoint is asked for longer lives of tokens: as it is called, but on the side loop.
    private static func refreshSettings(
        _ configuration: WorkerConfiguration,
        _ trust: EndpointTrust
    ) -> HTTPClientSettings {
        var settings = HTTPClientSettings()
        settings.connectTimeout = configuration.graph.connectTimeout
        settings.proxy = configuration.graph.endpointProxy
        settings.tls = trust.current
        return settings
    }

    /// The parts' shared knowledge of how things stand.
    struct Statuses {
        let contact = BrokerContact()
        let heartbeat: Heartbeat
        let commits = CommitStatus()
        let safety = SafetyStatus()
        let restoring = RestoreStatus()

        init(clock: WorkerClock) { heartbeat = Heartbeat(start: clock.now.monotonic) }
    }

    /// The names of the topics and replicas that several parts use.
    struct Names {
        let records: TerminalRecords
        let stateTopic: StateTopic
        let replicas: ReplicaNames

        init(_ configuration: WorkerConfiguration) {
            records = TerminalRecords(
                resultsTopic: configuration.topics.results,
                deadLettersTopic: configuration.topics.deadLetters
            )
            stateTopic = StateTopic(name: configuration.topics.state, group: configuration.kafka.groupId)
            replicas = ReplicaNames(groupID: configuration.kafka.groupId, instanceID: configuration.kafka.instanceId)
        }
    }
}

extension StateReader {
    fileprivate init(
        _ inputs: WorkerParts.Inputs,
        kafka: KafkaConfiguration,
        names: WorkerParts.Names,
        consumer: KafkaConsumer,
        metrics: WorkerMetrics
    ) {
        self.init(
            source: StateSource(
                stateTopic: names.stateTopic,
                requestsTopic: inputs.configuration.topics.requests,
                configuration: kafka,
                replicas: names.replicas,
                committed: { try await consumer.committed($0) },
                logs: { try await consumer.logs(of: $0) }
            ),
            ownership: LedgerOwnership(
                group: inputs.configuration.kafka.groupId,
                takesOver: inputs.configuration.kafka.takeOverGroup,
                followsMovedOffsets: inputs.followsMovedOffsets
            ),
            topic: inputs.configuration.topics.state,
            patience: kafka.transactionTimeout + StateReader.timeToAbort,
            metrics: metrics,
            logger: inputs.logger,
            repetitions: inputs.repetitions,
            refuse: { [stop = inputs.stop] in stop.request($0) }
        )
    }
}

extension EngineLoop {
    fileprivate init(
        _ inputs: WorkerParts.Inputs,
        ports: LoopPorts,
        names: WorkerParts.Names,
        metrics: WorkerMetrics,
        statuses: WorkerParts.Statuses,
        tracing: RequestTracing?
    ) {
        let configuration = inputs.configuration
        self.init(
            replica: Replica(
                settings: Replica.Settings(
                    commitInterval: configuration.delivery.commitInterval,
                    drainTimeout: configuration.worker.drainTimeout,
                    membership: MembershipDoubt.Settings(
                        sessionTimeout: configuration.kafka.sessionTimeout,
                        heartbeatInterval: configuration.kafka.heartbeatInterval,
                        reconnectPause: configuration.kafka.reconnectPause,
                        questionInterval: WorkerHealth.questionInterval
                    )
                ),
                engine: EngineSettings(configuration),
                random: SystemRandomNumberGenerator()
            ),
            logsMessageText: configuration.log.messageText,
            ports: ports,
            terminalRecords: names.records,
            requestsTopic: configuration.topics.requests,
            reactor: inputs.reactors.main,
            clock: inputs.clock,
            metrics: metrics,
            heartbeat: statuses.heartbeat,
            commitStatus: statuses.commits,
            tracing: tracing,
            safetyStatus: statuses.safety,
            restoreStatus: statuses.restoring,
            logger: inputs.logger,
            onFailure: { [stop = inputs.stop] in stop.request(WorkerFailure(.restart, "\($0)")) }
        )
    }
}

extension ConsumerEventRouter {
    fileprivate convenience init(
        _ inputs: WorkerParts.Inputs,
        placement: PlacementWatch,
        metrics: WorkerMetrics,
        contact: BrokerContact,
        groupCheck: GroupCheck,
        admin: KafkaAdmin,
        post: @escaping @Sendable (LoopEvent) -> Void
    ) {
        self.init(
            intake: Intake(configuration: inputs.configuration),
            requestsTopic: inputs.configuration.topics.requests,
            placement: placement,
            clock: inputs.clock,
            logger: inputs.logger,
            repetitions: inputs.repetitions,
            post: post,
            onConnection: { contact.noteReport(isUp: $0) },
            missingRight: { groupCheck.missingRight($0) },
            onMisfit: { Task { await groupCheck.reportMisfit(with: admin) } },
            onStatistics: { [topic = inputs.configuration.topics.requests] in
                metrics.show(statistics: $0, of: .consumer, topic: topic)
            },
            onFatal: { [stop = inputs.stop, kafka = inputs.configuration.kafka] error in
                stop.request(.consumerFailed(error, kafka))
            }
        )
    }
}

/// The place for events before there is a loop to take them: the consumer has to exist before the loop, and the loop
/// before the consumer's first event is handled.
final class LoopInbox: Sendable {
    private enum State {
        case closed([LoopEvent])
        case open(EngineLoop)
    }

    private let state = Mutex(State.closed([]))

    func callAsFunction(_ event: LoopEvent) {
        let loop: EngineLoop? = state.withLock { state in
            switch state {
            case .open(let loop): return loop
            case .closed(let events):
                state = .closed(events + [event])
                return nil
            }
        }
        loop?.post(event)
    }

    func open(to loop: EngineLoop) {
        state.withLock { state in
            if case .closed(let events) = state {
                for event in events { loop.post(event) }
            }
            state = .open(loop)
        }
    }
}
