/// The transactional ids of a group's replicas: the group's name, and the replica's own or a random one.
package struct ReplicaNames: Sendable {
    /// Longer than any id that Kafka's tools are made for.
    private static let longest = 1_024

    private let prefix: String
    /// This replica's transactional id.
    package let own: String

    /// - Parameter instanceID: The replica's name, where it has one that outlives restarts.
    package init(groupID: String, instanceID: String?) {
        prefix = "\(groupID)-"
        own = prefix + (instanceID ?? String(UInt64.random(in: .min ... .max), radix: 36))
    }

    /// The id that a record names as its writer's; nil for what is not another replica of this group.
    func other(_ name: [UInt8]?) -> String? {
        guard let name, name.count <= Self.longest, let id = String(validating: name, as: UTF8.self) else { return nil }
        return id.hasPrefix(prefix) && id.count > prefix.count && id != own ? id : nil
    }
}
