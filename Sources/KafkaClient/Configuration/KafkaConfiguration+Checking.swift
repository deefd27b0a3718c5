import CRdKafka

/// What the installed librdkafka says of settings, without asking a broker.
extension KafkaConfiguration {
    /// The installed librdkafka's version, as in `2.0.2`.
    package static var librdkafkaVersion: String { String(cString: rd_kafka_version_str()) }

    /// Whether the installed librdkafka can sign in with SCRAM at brokers that compare nonces as RFC 5802 has it, as Apache
    /// Kafka 4 does: before 2.6.1 it sends its own twice (librdkafka's pull request 4895).
    package static var hasWorkingSCRAM: Bool { rd_kafka_version() >= 0x0206_0100 }

    /// Why librdkafka does not take a property with that value; nil where it does.
    package static func refusal(of value: String, for property: String) -> KafkaPropertyRefusal? {
        NativeConfiguration.refusal(of: value, for: property)
    }

    /// The assignment strategies that a consumer of these settings offers its group.
    package var assignmentStrategies: [String] {
        let value = self[ClientRole.strategy] ?? ClientRole.defaultStrategy
        return value.split(separator: ",").map { String($0.filter { $0 != " " }) }
    }

    /// Why librdkafka makes none of a worker's clients of these settings; nil where it does.
    ///
    /// What only a client as a whole shows is found here: settings that do not fit together, files that are missing. The
    /// clients are made and let go at once; they may begin to connect meanwhile.
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

/// Why librdkafka does not take a property.
package enum KafkaPropertyRefusal: Sendable, Hashable {
    /// It has none of that name.
    case unknown(librdkafka: String)
    /// The value is none that the property can have; in librdkafka's words, or without any where these would repeat a
    /// secret.
    case value(String?)
}
