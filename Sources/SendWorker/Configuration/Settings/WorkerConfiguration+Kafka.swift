extension WorkerConfiguration {
    /// How to reach the Kafka cluster.
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

        /// How often a member says that it lives: librdkafka's `heartbeat.interval.ms`.
        var heartbeatInterval: Duration { milliseconds("heartbeat.interval.ms") ?? .seconds(3) }

        /// The longest pause before a lost connection is tried again: librdkafka's `reconnect.backoff.max.ms`.
        var reconnectPause: Duration { milliseconds("reconnect.backoff.max.ms") ?? .seconds(2) }

        /// How brokers are spoken to: librdkafka's `security.protocol`.
        package var securityProtocol: String { (properties["security.protocol"]?.revealed ?? "PLAINTEXT").uppercased() }

        private func milliseconds(_ property: String) -> Duration? {
            properties[property].flatMap { Int64($0.revealed) }.map { .milliseconds($0) }
        }

        /// The defaults.
        package init() {}
    }

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
