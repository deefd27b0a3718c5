/// How to reach the brokers: what all clients of a process have in common.
///
/// The properties are librdkafka's own and win over this client's defaults, but not over what correctness rests on:
/// a client refuses those with a `KafkaConfigurationError`.
package struct KafkaConfiguration: Sendable {
    /// Comma-separated `host:port` pairs.
    package var bootstrapServers: String
    /// librdkafka properties (SASL, TLS, time-outs and so on); of a name that repeats, the last value counts.
    package var properties: [(name: String, value: String)]
    /// What is committed beside each offset, so that it can be told who did; nil for nothing.
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

    /// What the user has set a property to; nil where nobody has.
    subscript(property: String) -> String? { properties.last { $0.name == property }?.value }

    static let hiddenValue = "<hidden>"

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
