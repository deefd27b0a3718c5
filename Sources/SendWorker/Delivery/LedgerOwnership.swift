/// Whose ledgers and offsets count.
package struct LedgerOwnership: Sendable {
    /// Why a worker does not go on with the ledgers of another group, and what to do.
    package struct Objection: Sendable, Hashable, CustomStringConvertible {
        package var reason: String
        package var remedy: String

        package var description: String { "\(reason): \(remedy)" }
    }

    /// The worker's own group; nil lets the ledgers of any count.
    package var group: String?
    /// The group whose ledgers this one goes on with: `kafka.takeOverGroup`.
    var takesOver: String?
    /// Whether offsets count that somebody else committed: `--follow-moved-offsets`.
    var followsMovedOffsets = false

    package init(group: String? = nil, takesOver: String? = nil, followsMovedOffsets: Bool = false) {
        self.group = group
        self.takesOver = takesOver
        self.followsMovedOffsets = followsMovedOffsets
    }

    /// Why a worker does not go on with the ledgers of another group; nil where it does.
    package func objection(to other: String, members: Int, partitions: [Int32], topic: String) -> Objection? {
        let places = "the ledgers of partitions \(partitions.sorted()) in \(topic)"
        let ownTopics = "give these workers topics of their own (topics.requests, topics.state)"
        if members > 0 {
            return Objection(
                reason: "\(places) are written by the consumer group \(other), which has \(members) "
                    + "member\(members == 1 ? "" : "s") now, and two groups on the same topics would send every message twice",
                remedy: "stop the other workers, set kafka.groupId=\(other) here, or \(ownTopics)"
            )
        }
        guard other != takesOver else { return nil }
        return Objection(
            reason: "\(places) were written by the consumer group \(other), which has no members now",
            remedy:
                "set kafka.takeOverGroup=\(other) to go on with what it has finished, as after a renaming, or \(ownTopics)"
        )
    }
}
