package import KafkaClient

/// Says which access right is missing where a broker refuses something.
package struct MissingRight: Sendable {
    /// The thing that a right is about.
    package enum Resource: Sendable, Hashable {
        case topic(String)
        case group(String)
        /// All transactional ids that begin like this.
        case transactionalIDs(prefix: String)
    }

    let operation: String
    let resource: Resource

    /// - Parameters:
    ///   - operation: In Kafka's words: `Describe`, `Read`, `Write`, `DescribeConfigs`.
    ///   - resource: What was to be done something with.
    /// - Returns: Nil for an error that is not about rights.
    package init?(_ error: KafkaError, _ operation: String, on resource: Resource) {
        guard Self.isMissing(error) else { return nil }
        self.operation = operation
        self.resource = resource
    }

    /// The right without which a group's offsets of a topic are neither read nor taken; nil for an error that is not about
    /// rights.
    package init?(_ error: KafkaError, reading topic: String, for group: String) {
        self.init(error, "Read", on: error.code == KafkaError.Code.topicAuthorization ? .topic(topic) : .group(group))
    }

    /// Whether an error is about rights.
    static func isMissing(_ error: KafkaError) -> Bool { codes.contains(error.code) }

    private static let codes: Set<Int32> = [
        KafkaError.Code.topicAuthorization, KafkaError.Code.groupAuthorization, KafkaError.Code.clusterAuthorization,
        KafkaError.Code.transactionalIDAuthorization,
    ]

    /// `the ACL that allows Describe on topic x is missing`
    package var text: String { "the ACL that allows \(operation) on \(subject) is missing" }

    /// The command that adds the right.
    package var remedy: String {
        "kafka-acls.sh --bootstrap-server … --add --allow-principal User:… --operation \(operation) \(options)"
    }

    private var subject: String {
        switch resource {
        case .topic(let name): "topic \(name)"
        case .group(let name): "group \(name)"
        case .transactionalIDs(let prefix): "transactional ids that begin with \(prefix)"
        }
    }

    private var options: String {
        switch resource {
        case .topic(let name): "--topic \(name)"
        case .group(let name): "--group \(name)"
        case .transactionalIDs(let prefix): "--resource-pattern-type prefixed --transactional-id \(prefix)"
        }
    }
}
