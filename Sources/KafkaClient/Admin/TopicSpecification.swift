/// A topic to be created.
package struct TopicSpecification: Sendable, Hashable {
    package var name: String
    /// At least 1.
    package var partitions: Int
    /// Copies of each partition, at least 1; nil is the broker's default.
    package var replicationFactor: Int?
    /// Topic settings by name, as in `cleanup.policy`.
    package var configuration: [String: String]

    package init(name: String, partitions: Int, replicationFactor: Int? = nil, configuration: [String: String] = [:]) {
        self.name = name
        self.partitions = partitions
        self.replicationFactor = replicationFactor
        self.configuration = configuration
    }
}
