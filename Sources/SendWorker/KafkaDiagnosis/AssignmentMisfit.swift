package import KafkaClient

/// A worker whose assignment strategies have nothing in common with those of its group's members: the group lets it in
/// only when they are gone.
package struct AssignmentMisfit: Sendable, Hashable {
    let group: String
    /// The strategy by which the members share partitions out; nil where that cannot be learned.
    let theirs: String?
    let members: Int
    /// The strategies that this worker offers.
    let own: [String]

    init(group: String, theirs: String?, members: Int, own: [String]) {
        self.group = group
        self.theirs = theirs
        self.members = members
        self.own = own
    }

    /// Nil where there are no members, or where they share partitions out by a strategy of this worker's.
    package init?(group: String, of description: GroupDescription, own: [String]) {
        guard !own.isEmpty, !description.members.isEmpty, !description.strategy.isEmpty,
            !own.contains(description.strategy)
        else { return nil }
        self.init(group: group, theirs: description.strategy, members: description.members.count, own: own)
    }

    /// Both sides, in one line.
    package var problem: String {
        let others =
            theirs.map { "its \(members) members share partitions out by \($0)" } ?? "its members use another one"
        return "\(group) does not let this worker in: \(others), and this worker's strategy is"
            + " \(own.joined(separator: ", ")) (INCONSISTENT_GROUP_PROTOCOL)"
    }

    /// The advice.
    package var remedy: String {
        let same = theirs.map { " (kafka.properties.partition.assignment.strategy=\($0))" } ?? ""
        return
            "give all replicas one delivery.guarantee and one strategy\(same), or stop all of them and start them anew; a"
            + " group of other programs needs another kafka.groupId here"
    }
}
