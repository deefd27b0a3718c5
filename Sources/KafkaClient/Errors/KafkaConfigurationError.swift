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

    /// What librdkafka says of settings as a whole. Of a file that it cannot use it names the property alone.
    init(of configuration: KafkaConfiguration, refusedAs reason: String) {
        let file = configuration.properties.last { $0.name.hasSuffix(".location") && reason.contains($0.name) }
        self.init(property: file?.name ?? "", value: file?.value ?? "", reason: reason)
    }

    package var description: String {
        property.isEmpty ? "Kafka settings: \(reason)" : "Kafka property \(property) = \"\(value)\": \(reason)"
    }
}
