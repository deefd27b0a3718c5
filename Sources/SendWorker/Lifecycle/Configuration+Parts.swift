package import InstagramMessaging
package import KafkaClient
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
