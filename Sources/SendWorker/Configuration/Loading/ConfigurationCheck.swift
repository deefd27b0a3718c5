import FoundationEssentials
import KafkaClient

/// A condition on several keys together.
struct ConfigurationCheck: Sendable {
    /// The keys that it is about.
    let keys: [String]
    /// The fault and its remedy; nil if nothing is wrong.
    let fault: @Sendable (WorkerConfiguration) -> String?

    static let all: [ConfigurationCheck] =
        [delays, tokenPlaces, heartbeats] + topicPairs
        + ["sasl.mechanism", "sasl.mechanisms"].map(bearerTokens)

    private static let delays = ConfigurationCheck(keys: ["retry.maxDelay", "retry.initialDelay"]) { configuration in
        let retry = configuration.retry
        return retry.maxDelay < retry.initialDelay
            ? "the longest delay is shorter than the first one; write retry.maxDelay: "
                + "\(DurationText.show(retry.initialDelay)) or more"
            : nil
    }

    /// A token in two places would leave open which one counts after a change.
    private static let tokenPlaces = ConfigurationCheck(keys: ["tokens.file", "tokens.directory"]) { configuration in
        configuration.tokens.file != nil && configuration.tokens.directory != nil
            ? "tokens come from one place; take one of the two away" : nil
    }

    /// The fit of the two; librdkafka itself takes any pair.
    private static let heartbeats = ConfigurationCheck(
        keys: ["kafka.properties.heartbeat.interval.ms", "kafka.properties.session.timeout.ms"]
    ) { configuration in
        let (heartbeat, session) = (configuration.kafka.heartbeatInterval, configuration.kafka.sessionTimeout)
        return heartbeat >= session
            ? "a heartbeat every \(DurationText.show(heartbeat)) comes too late for a session of "
                + "\(DurationText.show(session)), and the group would take every replica for dead; write a third of the "
                + "session or less" : nil
    }

    /// The source of OAUTHBEARER's tokens: the worker makes none, and a librdkafka that waits for one says nothing.
    private static func bearerTokens(_ mechanism: String) -> ConfigurationCheck {
        ConfigurationCheck(
            keys: ["kafka.properties.\(mechanism)", "kafka.properties.sasl.oauthbearer.method"]
        ) { configuration in
            func has(_ property: String, _ values: String...) -> Bool {
                values.contains(configuration.kafka.properties[property]?.revealed.lowercased() ?? "")
            }
            guard has(mechanism, "oauthbearer") else { return nil }
            return has("sasl.oauthbearer.method", "oidc")
                || has("enable.sasl.oauthbearer.unsecure.jwt", "true", "t", "1")
                ? nil
                : "nobody would fetch a token; write sasl.oauthbearer.method: oidc (which Debian's librdkafka lacks), and "
                    + "sasl.oauthbearer.client.id, …client.secret and …token.endpoint.url"
        }
    }

    private static let topicPairs: [ConfigurationCheck] = {
        let topics: [(key: String, name: @Sendable (WorkerConfiguration.Topics) -> String)] = [
            ("topics.requests", \.requests), ("topics.results", \.results), ("topics.deadLetters", \.deadLetters),
            ("topics.state", \.state),
        ]
        return topics.indices.flatMap { first in
            topics[(first + 1)...].map { second in
                let first = topics[first]
                return ConfigurationCheck(keys: [first.key, second.key]) { configuration in
                    first.name(configuration.topics) == second.name(configuration.topics)
                        ? "these are one topic; give each a name of its own" : nil
                }
            }
        }
    }()

    /// Warnings about settings that are allowed and probably not meant.
    static func warnings(_ configuration: WorkerConfiguration) -> [String] {
        var warnings: [String] = []
        if isUnencrypted(configuration.graph.baseURL) {
            warnings.append(
                "graph.baseURL: access tokens go to \(configuration.graph.baseURL) unencrypted; write an https URL"
            )
        }
        if configuration.worker.maxInFlight > configuration.delivery.maxInDoubt {
            warnings.append(
                "worker.maxInFlight: no more than \(configuration.delivery.maxInDoubt) calls run at once, as "
                    + "delivery.maxInDoubt has it; raise both, or lower worker.maxInFlight"
            )
        }
        if configuration.graph.proxy != nil, configuration.media.preflight {
            warnings.append(
                "media.preflight: off, for graph.proxy is set: through a proxy the addresses that it checks cannot be pinned"
            )
        }
        let tracing = configuration.tracing
        if let endpoint = tracing.endpoint, tracing.headers != nil, isUnencrypted(endpoint) {
            warnings.append("tracing.endpoint: tracing.headers go to \(endpoint) unencrypted; write an https URL")
        }
        if tracing.endpoint == nil, tracing.sampleRatio > 0 {
            warnings.append("tracing.sampleRatio: nothing is traced without tracing.endpoint")
        }
        warnings += kafkaWarnings(configuration)
        if configuration.log.messageText {
            warnings.append(
                "log.messageText: what people are sent stands in the log (at debug level); take it away where it must not"
            )
        }
        return warnings
    }

    private static func kafkaWarnings(_ configuration: WorkerConfiguration) -> [String] {
        var warnings: [String] = []
        let properties = configuration.kafka.properties
        if let partitioner = properties["partitioner"]?.revealed.lowercased(), !partitioner.hasPrefix("murmur2") {
            warnings.append(
                "kafka.properties.partitioner: publish and redrive place requests by \(partitioner); an account's order and "
                    + "limits hold only where all producers of requests place them alike (Java's clients: murmur2_random)"
            )
        }
        let mechanism = (properties["sasl.mechanism"] ?? properties["sasl.mechanisms"])?.revealed.uppercased() ?? ""
        if mechanism.hasPrefix("SCRAM"), !KafkaConfiguration.hasWorkingSCRAM {
            warnings.append(
                "kafka.properties.sasl.mechanism: where the brokers are Apache Kafka 4, \(ConnectionHint.oldSCRAM)"
            )
        }
        if configuration.delivery.guarantee == .atLeastOnce,
            properties["partition.assignment.strategy"]?.revealed.lowercased().contains("cooperative") == true
        {
            warnings.append(
                "kafka.properties.partition.assignment.strategy: with delivery.guarantee=at_least_once a cooperative "
                    + "strategy loses all partitions now and then, and what was called is called again; take it away"
            )
        }
        return warnings
    }

    /// Whether what goes to a URL can be read on its way.
    static func isUnencrypted(_ url: String) -> Bool {
        let parts = URLComponents(string: url)
        let isLocal = ["localhost", "127.0.0.1", "::1", "[::1]"].contains(parts?.host ?? "")
        return parts?.scheme?.lowercased() == "http" && !isLocal
    }
}
