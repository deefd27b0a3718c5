/// A property that librdkafka or this client does not accept.
package struct KafkaConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The property's name; empty where the settings do not fit together and no single one is to blame.
    package var property: String
    /// Its value; `<hidden>` where it is a secret.
    package var value: String
    /// What is wrong and what would be right.
    package var reason: String

    package init(property: String, value: String, reason: String) {
        self.property = property
        self.value = KafkaConfiguration.isSecret(property) ? KafkaConfiguration.hiddenValue : value
        self.reason = reason
    }

    package var description: String {
        property.isEmpty ? "Kafka settings: \(reason)" : "Kafka property \(property) = \"\(value)\": \(reason)"
    }
}
