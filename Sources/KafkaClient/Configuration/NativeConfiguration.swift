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

    /// Why librdkafka does not take a property with that value; nil where it does.
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
