// MARK: - kafka.*

extension WorkerConfiguration {
    /// The way to the Kafka cluster.
    package struct Kafka: Sendable, Hashable {
        /// `host:port`, several divided by commas.
        package var bootstrapServers = "localhost:9092"
        package var groupId = "instagram-send-worker"
        /// Static membership; nil for a dynamic member.
        package var instanceId: String?
        /// The group whose ledgers this one goes on with; nil for none.
        package var takeOverGroup: String?
        /// librdkafka's own properties by name. Any of them may hold a password, so all are wrapped.
        package var properties: [String: SecretText] = [:]

        /// After how much silence the group takes a member for dead: librdkafka's `session.timeout.ms`.
        var sessionTimeout: Duration { milliseconds("session.timeout.ms") ?? .seconds(45) }

        /// The interval at which a member says that it lives: librdkafka's `heartbeat.interval.ms`.
        var heartbeatInterval: Duration { milliseconds("heartbeat.interval.ms") ?? .seconds(3) }

        /// The longest pause before a lost connection is tried again: librdkafka's `reconnect.backoff.max.ms`.
        var reconnectPause: Duration { milliseconds("reconnect.backoff.max.ms") ?? .seconds(2) }

        /// The protocol that brokers are spoken to in: librdkafka's `security.protocol`.
        package var securityProtocol: String { (properties["security.protocol"]?.revealed ?? "PLAINTEXT").uppercased() }

        private func milliseconds(_ property: String) -> Duration? {
            properties[property].flatMap { Int64($0.revealed) }.map { .milliseconds($0) }
        }

        /// The defaults.
        package init() {}
    }
}

extension ConfigurationKey {
    static let kafka = [
        ConfigurationKey("kafka.bootstrapServers", \.kafka.bootstrapServers, .servers, "the brokers to ask first"),
        ConfigurationKey(
            "kafka.groupId",
            \.kafka.groupId,
            .text(accepted: "a group name"),
            "the consumer group that shares the requests"
        ),
        ConfigurationKey(
            "kafka.instanceId",
            \.kafka.instanceId,
            .text(accepted: "a name that no other replica has"),
            "static membership: a replica that crashed gets its partitions back without a rebalance; a stop in order gives them up"
        ),
        ConfigurationKey(
            "kafka.takeOverGroup",
            \.kafka.takeOverGroup,
            .text(accepted: "a group name"),
            "the group whose ledger this one goes on with, once: for a group that was renamed"
        ),
    ]
}

// MARK: - kafka.properties.*

extension ConfigurationFamily {
    static let kafkaProperties = ConfigurationFamily(
        prefix: "kafka.properties.",
        pattern: "kafka.properties.<name>",
        meaning: "any librdkafka property, such as security.protocol or sasl.username, passed through",
        example: "security.protocol: SASL_SSL",
        key: { name in
            let property = String(name.dropFirst("kafka.properties.".count))
            if case .never(let instead) = KafkaPropertyRule.of(property) {
                return .failure(ValueRefusal("is set by the worker; \(instead)"))
            }
            guard !property.isEmpty, property.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "=") })
            else {
                return .failure(ValueRefusal("names no librdkafka property; write kafka.properties.security.protocol"))
            }
            return .success(propertyKey(name, property: property))
        },
        nameFromEnvironment: { rest in
            // librdkafka's names are divided by dots, but for this one.
            let property = rest.lowercased()
            return "kafka.properties." + (property == "log_level" ? property : property.replacing("_", with: "."))
        },
        environmentPrefix: "KAFKA_PROPERTIES_"
    )

    private static func propertyKey(_ name: String, property: String) -> ConfigurationKey {
        ConfigurationKey(
            name: name,
            typeName: "text",
            accepted: "what librdkafka accepts",
            meaning: "librdkafka's \(property)",
            isSecret: isSecret(property),
            load: { text, configuration in
                switch value(text, of: property) {
                case .success(let value):
                    if let refusal = KafkaPropertyRule.refusal(of: value.revealed, for: property) { return refusal }
                    configuration.kafka.properties[property] = value
                    return nil
                case .failure(let refusal):
                    return refusal
                }
            },
            show: { $0.kafka.properties[property]?.revealed }
        )
    }

    /// A secret is one line, whose end is taken off; only PEM texts have several. A key without a password has an empty
    /// one.
    private static func value(_ text: String, of property: String) -> Result<SecretText, ValueRefusal> {
        isSecret(property) && !isPEM(property) && !text.isEmpty ? SecretText.line(of: text) : .success(SecretText(text))
    }

    /// Whether a property's value is a PEM text.
    static func isPEM(_ property: String) -> Bool { property.lowercased().hasSuffix(".pem") }

    /// Whether a property's name tells that its value must not be shown.
    static func isSecret(_ property: String) -> Bool {
        ["password", "secret", ".pem", "private", "oauthbearer.config", "assertion", "jaas", "token"]
            .contains { property.lowercased().contains($0) }
    }
}

// MARK: - topics.*

extension WorkerConfiguration {
    /// The names of the topics.
    package struct Topics: Sendable, Hashable {
        package var requests = "instagram.send.requests"
        package var results = "instagram.send.results"
        package var deadLetters = "instagram.send.dead-letters"
        package var state = "instagram.send.state"

        /// The defaults.
        package init() {}
    }
}

extension ConfigurationKey {
    static let topics = [
        ConfigurationKey("topics.requests", \.topics.requests, .topic, "where requests are read; key: account_id"),
        ConfigurationKey("topics.results", \.topics.results, .topic, "where each request's one result is written"),
        ConfigurationKey(
            "topics.deadLetters",
            \.topics.deadLetters,
            .topic,
            "where requests that were not sent are written as they came"
        ),
        ConfigurationKey(
            "topics.state",
            \.topics.state,
            .topic,
            "what must outlive a replica; compacted, with as many partitions as the requests topic"
        ),
    ]
}
