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
