import CRdKafka

/// A `rd_kafka_conf_t` on its way to a client.
///
/// Lifetime: owned here until `rd_kafka_new` succeeds, which takes it over (`release`); otherwise destroyed with this.
final class NativeConfiguration {
    private(set) var pointer: OpaquePointer?

    init(_ configuration: KafkaConfiguration, role: ClientRole) throws(KafkaConfigurationError) {
        pointer = rd_kafka_conf_new()
        let fixed = role.fixed
        let servers = (name: "bootstrap.servers", value: configuration.bootstrapServers)
        for property in role.defaults + [servers] { try set(property.name, property.value) }
        if role.isTransactional {
            let times = TransactionTimes(properties: configuration.properties)
            for property in times.defaults { try set(property.name, property.value) }
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
    }

    deinit {
        if let pointer { rd_kafka_conf_destroy(pointer) }
    }

    /// Gives the ownership away.
    func release() { pointer = nil }

    private func set(_ name: String, _ value: String) throws(KafkaConfigurationError) {
        let error = ErrorText()
        let result = rd_kafka_conf_set(pointer, name, value, error.start, error.capacity)
        guard result != RD_KAFKA_CONF_OK else { return }
        let reason: String
        if result == RD_KAFKA_CONF_UNKNOWN {
            reason = "librdkafka \(String(cString: rd_kafka_version_str())) has no such property"
        } else {
            // librdkafka's text repeats the value.
            reason = KafkaConfiguration.isSecret(name) ? "librdkafka does not accept the value" : error.text
        }
        throw KafkaConfigurationError(property: name, value: value, reason: reason)
    }
}
