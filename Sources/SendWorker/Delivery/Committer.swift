/// Makes deliveries durable in Kafka.
package protocol Committer: Sendable {
    /// Tries to make a delivery durable. Deliveries are given one after the other.
    ///
    /// - Throws: `CommitError` where going on makes no sense.
    func commit(_ delivery: Delivery) async throws(CommitError) -> CommitOutcome
}

/// What became of a delivery.
package enum CommitOutcome: Sendable, Hashable {
    /// All of it is durable.
    case committed
    /// The endings are durable, the offsets are not: these have to be offered again.
    case offsetsOwed
    /// As `offsetsOwed`, because the group does not take offsets of these partitions from this replica.
    case offsetsRefused
    /// Nothing of it is durable, because the group does not take offsets of these partitions from this replica; otherwise
    /// as `nothing`.
    case notOurs
    /// Nothing of it is durable: what still belongs to this replica comes again with the next delivery.
    case nothing

    /// Whether the endings are.
    var isDurable: Bool { [.committed, .offsetsOwed, .offsetsRefused].contains(self) }

    /// Whether the group said that the partitions are not this replica's.
    var isRefusedByGroup: Bool { self == .notOurs || self == .offsetsRefused }
}

/// Why nothing can be committed any more by this process.
package struct CommitError: Error, Sendable, CustomStringConvertible {
    /// What Kafka said, and what to do about it.
    package var description: String

    package init(_ description: String) {
        self.description = description
    }
}
