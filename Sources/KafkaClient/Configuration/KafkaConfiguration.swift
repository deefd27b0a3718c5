import CRdKafka

/// The way to the brokers: the settings that all clients of a process have in common.
///
/// The properties are librdkafka's own and win over this client's defaults, but not over what correctness rests on:
/// a client refuses those with a `KafkaConfigurationError`.
package struct KafkaConfiguration: Sendable {
    /// Comma-separated `host:port` pairs.
    package var bootstrapServers: String
    /// librdkafka properties (SASL, TLS, time-outs and so on); of a name that repeats, the last value counts.
    package var properties: [(name: String, value: String)]
    /// The text that is committed beside each offset, so that it can be told who did; nil for nothing.
    package var offsetMetadata: String?
    /// Takes librdkafka's own log lines, on any thread; it must return soon and must not call a client. Nil drops them.
    package var onLog: (@Sendable (KafkaLogLine) -> Void)?

    package init(
        bootstrapServers: String,
        properties: [(name: String, value: String)] = [],
        onLog: (@Sendable (KafkaLogLine) -> Void)? = nil
    ) {
        self.bootstrapServers = bootstrapServers
        self.properties = properties
        self.onLog = onLog
    }

    /// The value that the user has set a property to; nil where nobody has.
    subscript(property: String) -> String? { properties.last { $0.name == property }?.value }

    fileprivate static let hiddenValue = "<hidden>"

    /// Whether a property's value must never be printed.
    package static func isSecret(_ property: String) -> Bool {
        let name = property.lowercased()
        return ["password", "secret", "key", "token", "sasl.oauthbearer.config", "jaas"].contains { name.contains($0) }
    }
}

// MARK: Batches

extension KafkaConfiguration {
    /// librdkafka's own default of `batch.size`.
    private static let usualBatchSize = 1_000_000

    /// The largest record that a producer of this configuration lets pass, in bytes.
    package var largestMessage: Int { number("message.max.bytes") ?? ClientRole.largestMessage }

    /// The same, with batches of so many bytes at most. A record that is larger by itself is a batch of its own.
    package func limitingBatches(to size: Int) -> KafkaConfiguration {
        var limited = self
        limited.properties.append(("batch.size", "\(max(min(number("batch.size") ?? Self.usualBatchSize, size), 1))"))
        return limited
    }

    private func number(_ name: String) -> Int? { self[name].flatMap { Int($0) } }
}

extension KafkaConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The servers and the properties, secrets hidden.
    package var description: String {
        let shown = properties.map { "\($0.name)=\(Self.isSecret($0.name) ? Self.hiddenValue : $0.value)" }
        return "KafkaConfiguration(\((["bootstrap.servers=\(bootstrapServers)"] + shown).joined(separator: ", ")))"
    }

    package var debugDescription: String { description }

    package var customMirror: Mirror { Mirror(self, children: ["settings": description]) }
}

/// A line of librdkafka's own log.
package struct KafkaLogLine: Sendable, Hashable {
    /// The syslog level: 0 emergency, 3 error, 4 warning, 6 information, 7 debug.
    package var level: Int
    /// librdkafka's word for what the line is about, as in `FAIL`.
    package var facility: String
    /// The client that writes it, as in `rdkafka#consumer-1`.
    package var client: String
    package var message: String

    package init(level: Int, facility: String, client: String, message: String) {
        self.level = level
        self.facility = facility
        self.client = client
        self.message = message
    }
}

/// The judgement of the installed librdkafka on settings, without asking a broker.
extension KafkaConfiguration {
    /// The installed librdkafka's version, as in `2.0.2`.
    package static var librdkafkaVersion: String { String(cString: rd_kafka_version_str()) }

    /// Whether the installed librdkafka can sign in with SCRAM at brokers that compare nonces as RFC 5802 has it, as Apache
    /// Kafka 4 does: before 2.6.1 it sends its own twice (librdkafka's pull request 4895).
    package static var hasWorkingSCRAM: Bool { rd_kafka_version() >= 0x0206_0100 }

    /// The reason for which librdkafka does not take a property with that value; nil where it does.
    package static func refusal(of value: String, for property: String) -> KafkaPropertyRefusal? {
        NativeConfiguration.refusal(of: value, for: property)
    }

    /// The assignment strategies that a consumer of these settings offers its group.
    package var assignmentStrategies: [String] {
        let value = self[ClientRole.strategy] ?? ClientRole.defaultStrategy
        return value.split(separator: ",").map { String($0.filter { $0 != " " }) }
    }

    /// The reason for which librdkafka makes none of a worker's clients of these settings; nil where it does.
    ///
    /// Faults that only a client as a whole shows are found here: settings that do not fit together, files that are
    /// missing. The clients are made and let go at once; they may begin to connect meanwhile.
    ///
    /// - Parameters:
    ///   - groupID: The group of the consumer.
    ///   - instanceID: The consumer's static member id, where it has one.
    ///   - transactionalID: Of the producer; nil for one without transactions. Nothing is registered under it.
    package func refusalOfClients(
        groupID: String,
        instanceID: String? = nil,
        transactionalID: String?
    ) -> (any Error)? {
        refusal(of: [.admin, .reader, .groupConsumer(groupID: groupID, instanceID: instanceID)])
            ?? refusalOfProducer(transactionalID: transactionalID)
    }

    /// The same for the producer alone.
    package func refusalOfProducer(transactionalID: String?) -> (any Error)? {
        refusal(of: [.producer(transactionalID: transactionalID)])
    }

    private func refusal(of roles: [ClientRole]) -> (any Error)? {
        do {
            for role in roles {
                _ = try ClientHandle(self, role: role, callbacks: ClientCallbacks(onLog: nil))
            }
            return nil
        } catch {
            return error
        }
    }
}

/// The reason for which librdkafka does not take a property.
package enum KafkaPropertyRefusal: Sendable, Hashable {
    /// It has none of that name.
    case unknown(librdkafka: String)
    /// The value is none that the property can have; in librdkafka's words, or without any where these would repeat a
    /// secret.
    case value(String?)
}

/// A property that librdkafka or this client does not accept.
package struct KafkaConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The property's name; empty where the settings do not fit together and no single one is to blame.
    package var property: String
    /// Its value; `<hidden>` where it is a secret.
    package var value: String
    /// An explanation of what is wrong and what would be right.
    package var reason: String

    package init(property: String, value: String, reason: String) {
        self.property = property
        self.value = KafkaConfiguration.isSecret(property) ? KafkaConfiguration.hiddenValue : value
        self.reason = reason
    }

    /// Makes the error of settings as a whole. Of a file that librdkafka cannot use it names the property alone.
    init(of configuration: KafkaConfiguration, refusedAs reason: String) {
        let file = configuration.properties.last { $0.name.hasSuffix(".location") && reason.contains($0.name) }
        self.init(property: file?.name ?? "", value: file?.value ?? "", reason: reason)
    }

    package var description: String {
        property.isEmpty ? "Kafka settings: \(reason)" : "Kafka property \(property) = \"\(value)\": \(reason)"
    }
}
