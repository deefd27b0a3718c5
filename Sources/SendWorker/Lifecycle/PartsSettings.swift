package import InstagramMessaging
package import KafkaClient
import OpenSSL
package import Reactor
import SendEngine
package import Telemetry

extension RequestDecoder {
    /// The decoder that the configuration asks for.
    package init(worker configuration: WorkerConfiguration) {
        var options = Options()
        options.unknownFields = configuration.validation.unknownFields == .forward ? .forward : .refuse
        options.allowsPrivateHosts = configuration.validation.allowPrivateHosts
        self.init(options: options)
    }
}

extension Intake {
    /// The intake that the configuration asks for.
    init(configuration: WorkerConfiguration) {
        self.init(
            decoder: RequestDecoder(worker: configuration),
            defaultDelivery: configuration.delivery.default,
            checksMedia: configuration.checksMedia
        )
    }
}

extension WorkerConfiguration {
    /// Whether media are looked at before a call. Through a proxy no address could be pinned.
    var checksMedia: Bool { media.preflight && graph.proxy == nil }
}

extension EngineSettings {
    /// The engine's settings as the configuration has them.
    init(_ configuration: WorkerConfiguration) {
        self.init()
        limits.messagesPerSecond = configuration.limits.messagesPerSecond
        limits.mediaPerSecond = configuration.limits.mediaPerSecond
        limits.privateRepliesPerHour = configuration.limits.privateRepliesPerHour
        for (accountID, override) in configuration.limits.accounts {
            var own = limits
            own.messagesPerSecond = override.messagesPerSecond ?? own.messagesPerSecond
            own.mediaPerSecond = override.mediaPerSecond ?? own.mediaPerSecond
            own.privateRepliesPerHour = override.privateRepliesPerHour ?? own.privateRepliesPerHour
            accountLimits[accountID] = own
        }
        retry.initialDelay = configuration.retry.initialDelay
        retry.maxDelay = configuration.retry.maxDelay
        retry.multiplier = configuration.retry.multiplier
        retry.maxAttempts = configuration.retry.maxAttempts
        retry.maxElapsed = configuration.retry.maxElapsed
        retry.maxHold = configuration.retry.maxHold
        retry.unknownResends = configuration.retry.unknownResends
        retry.answeredUnknownResends = configuration.retry.answeredUnknownResends
        safety.isEnabled = configuration.safety.enabled
        safety.threshold = configuration.safety.threshold
        safety.window = configuration.safety.window
        safety.minimumCalls = configuration.safety.minimumCalls
        maxInFlight = configuration.worker.maxInFlight
        maxInDoubt = configuration.delivery.maxInDoubt
        // A slot counts until the answer: on a slow way or a busy machine a call may arrive any time before it.
        arrivalSlack = configuration.graph.connectTimeout + configuration.graph.responseTimeout
        maxOutstandingPerPartition = configuration.worker.maxOutstandingPerPartition
        // The group declares a member dead when it has heard nothing for the session time-out, counted from the last
        // heartbeat (one every 3 s by default). Half of it leaves room for that and for calls on their way.
        ownershipLease = configuration.kafka.sessionTimeout / 2
    }
}

extension KafkaConfiguration {
    /// The brokers and properties of the configuration, with librdkafka's own messages going to the worker's log.
    package init(worker: WorkerConfiguration, logger: Logger, repetitions: RepetitionLimiter) {
        let own = worker.kafka.properties.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value.revealed) }
        self.init(
            bootstrapServers: worker.kafka.bootstrapServers,
            properties: Self.defaults(for: worker.delivery.guarantee) + own,
            onLog: { line in
                repetitions.log(
                    "librdkafka: \(line.message)",
                    key: "librdkafka \(line.facility)",
                    level: line.level <= 3 ? .warning : .debug,
                    to: logger,
                    metadata: ["client": "\(line.client)", "facility": "\(line.facility)"]
                )
            }
        )
        offsetMetadata = StateTopic.offsetMetadata
    }

    /// Later properties win over these.
    ///
    /// The statistics are for the metrics. Plain commits and cooperative rebalancing do not go together: librdkafka joins a new generation without telling, a
    /// commit of the old one is refused, and it gives all partitions up for lost then. Transactions are not concerned.
    private static func defaults(
        for guarantee: WorkerConfiguration.Delivery.Guarantee
    ) -> [(name: String, value: String)] {
        [
            ("statistics.interval.ms", "10000"),
            // A fifth of librdkafka's own: the longer it takes, the longer calls wait after an outage.
            ("reconnect.backoff.max.ms", "2000"),
        ]
            + (guarantee == .atLeastOnce ? [("partition.assignment.strategy", "range")] : [])
    }
}

/// The certificates that servers are judged by: the system's, and those of `graph.caFile`, which is read again when it
/// changes.
struct EndpointTrust: Sendable {
    /// The interval at which the file is looked at.
    private static let interval = Duration.seconds(10)

    private let tls: ReloadingTLSContext
    private let caFile: String?
    private let logger: Logger

    /// - Throws: `WorkerFailure` where `graph.caFile` cannot be used, or where nothing is trusted and calls need it.
    init(_ graph: WorkerConfiguration.Graph, logger: Logger) throws(WorkerFailure) {
        caFile = graph.caFile
        self.logger = logger
        do throws(TLSError) {
            tls = try ReloadingTLSContext(caFile: graph.caFile)
        } catch {
            throw WorkerFailure(.configuration, "graph.caFile: \(error); name a PEM file of certificates")
        }
        guard graph.caFile == nil, graph.baseURL.lowercased().hasPrefix("https:") else { return }
        let roots = TLSContext.systemRoots
        guard roots.hasCertificates else {
            throw WorkerFailure(
                .configuration,
                "no certificate of graph.baseURL could be trusted: \(roots), or graph.caFile"
            )
        }
    }

    /// The context that new connections are to use.
    var current: TLSContext { tls.current }

    /// Looks at the file until the task is cancelled. A broken one leaves the last good one in use.
    ///
    /// - Parameter onReplaced: Told what new connections are to use from now on.
    func watch(_ onReplaced: @Sendable (TLSContext) -> Void) async {
        guard let caFile else { return }
        while (try? await Task.sleep(for: Self.interval)) != nil {
            switch tls.reloadIfChanged() {
            case .none: break
            case .replaced:
                onReplaced(tls.current)
                logger.notice("graph.caFile has changed; new connections use it", metadata: ["file": "\(caFile)"])
            case .refused(let error):
                logger.error(
                    "graph.caFile has changed and cannot be used; the last good one stays in use",
                    metadata: ["file": "\(caFile)", "reason": "\(error)"]
                )
            }
        }
    }
}

/// The event loops of a worker, a thread each.
package struct WorkerReactors: Sendable {
    /// The engine's: decisions and calls of Graph, in the same turn.
    package let main: Reactor
    /// For all that must answer or go on while the engine's loop is busy: admin endpoints, media preflight, refresh of
    /// tokens, export of spans.
    package let side: Reactor

    /// Starts both threads.
    ///
    /// - Throws: `ReactorError` where the system refuses a thread or a descriptor.
    package init() throws(ReactorError) {
        main = try Reactor(name: "engine loop")
        side = try Reactor(name: "side loop")
    }

    /// Ends both threads once all that is queued on them has run. Whatever lives on them must have been closed.
    package func shutdown() async {
        await side.shutdown()
        await main.shutdown()
    }
}

/// The tracing of a worker: a tracer that it was given, the collector that its configuration names, or nothing.
struct WorkerTracing: Sendable {
    /// Nil where nothing is traced.
    let requests: RequestTracing?
    private let pipeline: SpanPipeline?

    init(_ inputs: WorkerParts.Inputs, metrics: WorkerMetrics) {
        let configuration = inputs.configuration
        let given = inputs.tracer
        pipeline =
            given == nil
            ? SpanPipeline(
                configuration,
                metrics: metrics,
                logger: inputs.logger,
                repetitions: inputs.repetitions,
                reactor: inputs.reactors.side
            ) : nil
        let tracer: SpanTracer? = given ?? pipeline?.tracer
        requests = tracer.map { tracer in
            RequestTracing(
                tracer: tracer,
                graphBaseURL: configuration.graph.baseURL,
                ownBaseURL: { [tokens = inputs.tokens] in tokens.access(for: $0)?.own.baseURL }
            )
        }
    }

    /// Begins to export spans.
    func start() { pipeline?.start() }

    /// Exports the last ones, for a few seconds at most.
    func close(in shutdown: ShutdownSteps) async {
        guard let pipeline else { return }
        await shutdown.run("exporting the last spans", within: .seconds(8)) {
            await pipeline.close()
            return true
        }
    }
}
