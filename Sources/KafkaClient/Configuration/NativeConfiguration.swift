import CRdKafka

/// A `rd_kafka_conf_t` on its way to a client.
///
/// Lifetime: owned here until `rd_kafka_new` succeeds, which takes it over (`release`); otherwise destroyed with this.
final class NativeConfiguration {
    /// A transactional producer keeps the brokers that it knows while none can be reached.
    ///
    /// librdkafka 2.16.0 would let go of them all and begin again with the bootstrap servers, but send offsets to the group's
    /// coordinator as it was and never return (`KafkaProducer.transactional`). Where all brokers have moved meanwhile, records
    /// time out; the producer's owner then makes a new one, which begins with the bootstrap servers too.
    private static let recovery = (name: "metadata.recovery.strategy", value: "none")

    private(set) var pointer: OpaquePointer?

    init(_ configuration: KafkaConfiguration, role: ClientRole) throws(KafkaConfigurationError) {
        pointer = rd_kafka_conf_new()
        let fixed = role.fixed
        let servers = (name: "bootstrap.servers", value: configuration.bootstrapServers)
        for property in role.defaults + [servers] { try set(property.name, property.value) }
        if role.isTransactional {
            let times = TransactionTimes(properties: configuration.properties)
            for property in times.defaults { try set(property.name, property.value) }
            try setWhereKnown(Self.recovery.name, Self.recovery.value)
        }
        for property in configuration.properties where !role.ignored.contains(property.name) {
            if let rule = fixed.first(where: { $0.name == property.name }), rule.value != property.value {
                throw KafkaConfigurationError(
                    property: property.name,
                    value: property.value,
                    reason: "this client works only with \"\(rule.value)\"; leave the property out"
                )
            }
            try set(property.name, property.value)
        }
        for property in fixed { try set(property.name, property.value) }
        if !role.debugContexts.isEmpty {
            let own = configuration["debug"].map { [$0] } ?? []
            try set("debug", (own + role.debugContexts).joined(separator: ","))
        }
    }

    deinit {
        if let pointer { rd_kafka_conf_destroy(pointer) }
    }

    /// Gives the ownership away.
    func release() { pointer = nil }

    /// The reason for which librdkafka does not take a property with that value; nil where it does.
    static func refusal(of value: String, for name: String) -> KafkaPropertyRefusal? {
        let scratch = rd_kafka_conf_new()
        defer { rd_kafka_conf_destroy(scratch) }
        return refusal(of: value, for: name, setIn: scratch)
    }

    private static func refusal(
        of value: String,
        for name: String,
        setIn pointer: OpaquePointer?
    ) -> KafkaPropertyRefusal? {
        let error = ErrorText()
        switch rd_kafka_conf_set(pointer, name, value, error.start, error.capacity) {
        case RD_KAFKA_CONF_OK: return nil
        case RD_KAFKA_CONF_UNKNOWN: return .unknown(librdkafka: KafkaConfiguration.librdkafkaVersion)
        // librdkafka's text repeats the value.
        default: return .value(KafkaConfiguration.isSecret(name) ? nil : error.text)
        }
    }

    /// Sets a property that older versions do not have, and do not need.
    private func setWhereKnown(_ name: String, _ value: String) throws(KafkaConfigurationError) {
        if case .unknown = Self.refusal(of: value, for: name) { return }
        try set(name, value)
    }

    private func set(_ name: String, _ value: String) throws(KafkaConfigurationError) {
        let reason: String
        switch Self.refusal(of: value, for: name, setIn: pointer) {
        case nil: return
        case .unknown(let version): reason = "librdkafka \(version) has no such property"
        case .value(let text): reason = text ?? "librdkafka does not accept the value"
        }
        throw KafkaConfigurationError(property: name, value: value, reason: reason)
    }
}

/// The purpose of a client, with the settings that go with it.
enum ClientRole {
    case groupConsumer(groupID: String, instanceID: String?)
    case reader
    case producer(transactionalID: String?)
    case admin

    /// The settings that a user's property may change.
    var defaults: [(name: String, value: String)] {
        let common = [("socket.nagle.disable", "true"), ("log_level", "6")]
        switch self {
        case .groupConsumer:
            return common + Self.reading + [(Self.strategy, Self.defaultStrategy)]
        case .reader, .admin:
            return common + Self.reading
        case .producer:
            return common + [
                ("linger.ms", "5"), ("queue.buffering.max.kbytes", "131072"),
                // Dead letters carry whatever came in, as far as their topic takes it.
                ("message.max.bytes", "\(Self.largestMessage)"),
            ]
        }
    }

    /// The parts of librdkafka whose debug lines this client reads itself; they are added to the user's.
    var debugContexts: [String] {
        if case .groupConsumer = self { LossReasons.debugContexts } else { [] }
    }

    /// The settings that correctness rests on.
    var fixed: [(name: String, value: String)] {
        switch self {
        case .groupConsumer(let groupID, let instanceID):
            return [
                ("group.id", groupID), ("enable.auto.commit", "false"), ("enable.auto.offset.store", "false"),
                ("enable.partition.eof", "false"),
            ] + (instanceID.map { [("group.instance.id", $0)] } ?? [])
        case .reader:
            return [("enable.partition.eof", "true"), ("enable.auto.commit", "false")]
        case .producer(let transactionalID):
            // The partitioner is the Java client's, so that a key lands where other programs look for it.
            return [
                ("enable.idempotence", "true"), ("delivery.report.only.error", "false"),
                ("partitioner", "murmur2_random"),
            ]
                + (transactionalID.map { [("transactional.id", $0)] } ?? [])
        case .admin:
            return [("allow.auto.create.topics", "false")]
        }
    }

    /// Properties of a group or a transaction, which a client outside of it must not carry.
    var ignored: Set<String> {
        switch self {
        case .groupConsumer: ["transactional.id"]
        case .reader, .admin: ["group.id", "group.instance.id", "transactional.id", "partition.assignment.strategy"]
        case .producer: ["group.id", "group.instance.id", "partition.assignment.strategy"]
        }
    }

    var isTransactional: Bool {
        if case .producer(.some) = self { true } else { false }
    }

    static let largestMessage = 16_777_216
    static let strategy = "partition.assignment.strategy"
    static let defaultStrategy = "cooperative-sticky"

    private static let reading = [
        ("isolation.level", "read_committed"), ("auto.offset.reset", "earliest"),
        // 64 MB a partition is the default, far more than a reader that pauses ever needs.
        ("queued.max.messages.kbytes", "16384"),
    ]
}

/// The longest time that a transaction, and what happens in it, may take: the defaults of this client, fitted to what
/// the user's properties say.
private struct TransactionTimes: Sendable, Hashable {
    /// After this time the brokers abort a transaction that is still open, in milliseconds.
    ///
    /// Half of librdkafka's default of 60 s. A replica that dies in a transaction leaves it open, and until it is
    /// aborted nobody sees what is written behind it. The brokers look for such transactions every 10 s, so this one is
    /// gone after 40 s at the latest: before the group takes the dead replica for dead (`session.timeout.ms`, 45 s) and
    /// a new owner of its partitions comes to read. A transaction of a living replica takes milliseconds.
    var transaction = 30_000
    /// After this time a record that could not be written has failed, in milliseconds; nil where the user says it.
    ///
    /// A third of the transaction's time, so that with two calls of a third each a producer always gives up before the
    /// brokers do: a producer whose transaction the brokers have aborted is fenced and has to be replaced.
    var message: Int?

    init(properties: [(name: String, value: String)]) {
        func milliseconds(_ names: String...) -> Int? {
            properties.last { names.contains($0.name) }.flatMap { Int($0.value) }
        }
        let message = milliseconds("message.timeout.ms", "delivery.timeout.ms")
        let socket = milliseconds("socket.timeout.ms")
        // librdkafka refuses times for messages and requests that are longer than the transaction's.
        let longestPart = max(message ?? 0, (socket ?? 0) - 100)
        transaction = milliseconds("transaction.timeout.ms") ?? max(transaction, longestPart)
        if message == nil { self.message = max(min(10_000, transaction / 3), 100) }
    }

    var defaults: [(name: String, value: String)] {
        [("transaction.timeout.ms", "\(transaction)")] + (message.map { [("message.timeout.ms", "\($0)")] } ?? [])
    }
}

extension KafkaConfiguration {
    /// After this time the brokers abort a transaction that its producer left open; they look every 10 s by default.
    package var transactionTimeout: Duration {
        .milliseconds(TransactionTimes(properties: properties).transaction)
    }
}
