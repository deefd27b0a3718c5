import InstagramMessaging
import Telemetry

/// The two clients whose statistics are shown.
package enum KafkaClientRole: String, Sendable, Hashable, CaseIterable {
    case consumer, producer
}

/// The connections to the brokers: whether they answer, and librdkafka's own statistics.
struct KafkaMetrics: Sendable {
    static let brokerUp = MetricDeclaration.gauge(
        "send_worker_broker_up",
        "1 while a Kafka broker can be reached, else 0."
    )
    static let brokersConnected = MetricDeclaration.gauge(
        "send_worker_kafka_brokers_connected",
        labels: ["client"],
        "Brokers that the client has an open connection to."
    )
    static let roundTrip = MetricDeclaration.gauge(
        "send_worker_kafka_round_trip_p99_seconds",
        labels: ["client", "broker"],
        unit: .seconds,
        "Time in which 99 of 100 requests to the broker were answered lately."
    )
    static let errors = MetricDeclaration.counter(
        "send_worker_kafka_errors_total",
        labels: ["client", "kind"],
        "Requests to brokers that could not be sent, answered in time, or whose answer could not be read."
    )
    static let waitingRequests = MetricDeclaration.gauge(
        "send_worker_kafka_requests_waiting",
        labels: ["client"],
        "Requests to brokers that wait to be sent or answered."
    )
    static let queuedMessages = MetricDeclaration.gauge(
        "send_worker_kafka_queued_messages",
        labels: ["client"],
        "Messages in the client's queue: to be delivered, or fetched ahead."
    )
    static let queuedBytes = MetricDeclaration.gauge(
        "send_worker_kafka_queued_bytes",
        labels: ["client"],
        unit: .bytes,
        "Bytes in the client's queue: to be delivered, or fetched ahead."
    )
    static let throttle = MetricDeclaration.gauge(
        "send_worker_kafka_throttle_seconds",
        unit: .seconds,
        "How long a broker last made the producer wait because of a quota; 0 where none does."
    )
    static let unreadStatistics = MetricDeclaration.counter(
        "send_worker_kafka_unread_statistics_total",
        "Statistics of librdkafka that the worker could not read."
    )

    static let all = [
        brokerUp, brokersConnected, roundTrip, errors, waitingRequests, queuedMessages, queuedBytes, throttle,
        unreadStatistics,
    ]

    let brokerUp: Gauge
    let throttle: Gauge
    let unreadStatistics: Counter
    private let clients: [KafkaClientRole: ClientMetrics]

    init(_ registry: MetricsRegistry) {
        brokerUp = registry.gauge(Self.brokerUp)
        throttle = registry.gauge(Self.throttle)
        unreadStatistics = registry.counter(Self.unreadStatistics)
        clients = Dictionary(
            uniqueKeysWithValues: KafkaClientRole.allCases.map { ($0, ClientMetrics(registry, client: $0.rawValue)) }
        )
    }

    func show(_ statistics: KafkaStatistics, of role: KafkaClientRole) { clients[role]?.show(statistics) }
}

private struct ClientMetrics: Sendable {
    private let brokersConnected: Gauge
    private let roundTrips: ChangingGauges<Int>
    private let sendErrors: RunningTotal
    private let receiveErrors: RunningTotal
    private let timeouts: RunningTotal
    private let waitingRequests: Gauge
    private let queuedMessages: Gauge
    private let queuedBytes: Gauge

    init(_ registry: MetricsRegistry, client: String) {
        brokersConnected = registry.gauge(KafkaMetrics.brokersConnected, client)
        roundTrips = ChangingGauges(KafkaMetrics.roundTrip, in: registry) { [client, "\($0)"] }
        sendErrors = registry.total(KafkaMetrics.errors, client, "send")
        receiveErrors = registry.total(KafkaMetrics.errors, client, "receive")
        timeouts = registry.total(KafkaMetrics.errors, client, "timeout")
        waitingRequests = registry.gauge(KafkaMetrics.waitingRequests, client)
        queuedMessages = registry.gauge(KafkaMetrics.queuedMessages, client)
        queuedBytes = registry.gauge(KafkaMetrics.queuedBytes, client)
    }

    func show(_ statistics: KafkaStatistics) {
        brokersConnected.record(statistics.brokers.count { $0.isUp })
        roundTrips.show(
            statistics.brokers.reduce(into: [Int: Double]()) { trips, broker in trips[broker.id] = broker.roundTrip }
        )
        sendErrors.reach(statistics.sendErrors)
        receiveErrors.reach(statistics.receiveErrors)
        timeouts.reach(statistics.timeouts)
        waitingRequests.record(statistics.waitingRequests)
        queuedMessages.record(statistics.queuedMessages)
        queuedBytes.record(statistics.queuedBytes)
    }
}

/// The part of librdkafka's statistics that the worker shows.
struct KafkaStatistics: Sendable, Hashable {
    /// A broker of the cluster, as one client sees it.
    struct Broker: Sendable, Hashable {
        var id: Int
        var isUp: Bool
        /// 99 of 100 requests were answered in this time, in seconds; nil where none was made.
        var roundTrip: Double?
    }

    /// The start and end of a partition; nil for what the client has not been told yet.
    struct Log: Sendable, Hashable {
        var start: Int64?
        var end: Int64?
        /// Offsets from the consumer's position to the end.
        var lag: Int64?
    }

    var brokers: [Broker] = []
    /// Requests that could not be sent, since the client was made.
    var sendErrors = 0
    /// Answers that could not be read, since the client was made.
    var receiveErrors = 0
    /// Requests without an answer in time, since the client was made.
    var timeouts = 0
    /// Requests that wait to be sent, or for their answer.
    var waitingRequests = 0
    /// Messages that wait: in a producer to be delivered, in a consumer to be taken.
    var queuedMessages = 0
    var queuedBytes = 0
    /// The partitions of the topic that was asked for.
    var logs: [Int32: Log] = [:]

    /// Reads librdkafka's JSON; nil where it is something else.
    ///
    /// - Parameter topic: The topic whose partitions are wanted.
    init?(json: String, topic: String) {
        guard let root = try? JSONReader.read(Array(json.utf8)), let brokers = root["brokers"]?.members else {
            return nil
        }
        for member in brokers { take(broker: member.value) }
        queuedMessages = root["msg_cnt"]?.integer ?? 0
        queuedBytes = root["msg_size"]?.integer ?? 0
        for member in root["topics"]?.members ?? [] {
            take(topic: member.value, isWanted: member.name == topic)
        }
    }

    private mutating func take(broker: JSONValue) {
        sendErrors += broker["txerrs"]?.integer ?? 0
        receiveErrors += broker["rxerrs"]?.integer ?? 0
        timeouts += broker["req_timeouts"]?.integer ?? 0
        waitingRequests += (broker["outbuf_cnt"]?.integer ?? 0) + (broker["waitresp_cnt"]?.integer ?? 0)
        // The others are addresses to start from that are nobody's own, and coordinators, which are brokers under another
        // name.
        guard broker["source"]?.string != "logical", let id = broker["nodeid"]?.integer, id >= 0 else { return }
        let trip = broker["rtt"]
        let hasTrip = (trip?["cnt"]?.integer ?? 0) > 0
        brokers.append(
            Broker(
                id: id,
                isUp: broker["state"]?.string == "UP",
                roundTrip: hasTrip ? trip?["p99"]?.integer.map { Double($0) / 1e6 } : nil
            )
        )
    }

    private mutating func take(topic: JSONValue, isWanted: Bool) {
        for member in topic["partitions"]?.members ?? [] {
            let partition = member.value
            queuedMessages += partition["fetchq_cnt"]?.integer ?? 0
            queuedBytes += partition["fetchq_size"]?.integer ?? 0
            // -1 is where librdkafka keeps what has no partition yet.
            guard isWanted, let number = Int32(member.name), number >= 0 else { continue }
            logs[number] = Log(
                start: Self.offset(partition["lo_offset"]),
                end: Self.offset(partition["hi_offset"]),
                lag: Self.offset(partition["consumer_lag"])
            )
        }
    }

    /// Negative numbers stand for what is not known.
    private static func offset(_ value: JSONValue?) -> Int64? {
        value?.integer.flatMap { $0 >= 0 ? Int64($0) : nil }
    }
}
