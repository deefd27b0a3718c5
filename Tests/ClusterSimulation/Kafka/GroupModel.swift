/// A member of the group. All that it is told takes a while to arrive.
protocol GroupMember: AnyObject {
    var name: String { get }
    func assigned(_ partitions: [Int32], member: Int, generation: Int)
    func revoking(_ partitions: [Int32], member: Int)
    func generationChanged(_ generation: Int, member: Int)
}

/// The group's coordinator: who is a member, who owns what, and which generation it is. Cooperative: a partition is given
/// to a new owner only after the old one has given it up, left or been declared dead.
final class GroupModel {
    private struct Member {
        var who: any GroupMember
        var isAsked: Set<Int32> = []
    }

    private(set) var generation = 0
    private var members: [Int: Member] = [:]
    private var owners: [Int32: Int] = [:]
    private var lastID = 0
    private let partitions: [Int32]
    private var random: SeededRandom

    init(partitions: Int, random: SeededRandom) {
        self.partitions = (0..<Int32(partitions)).map(\.self)
        self.random = random
    }

    var memberCount: Int { members.count }

    func join(_ who: any GroupMember) -> Int {
        lastID += 1
        members[lastID] = Member(who: who)
        rebalance()
        return lastID
    }

    /// Lets go of all members.
    func removeAll() { members = [:] }

    /// The member leaves, or is taken for dead: it owns nothing any more.
    func remove(_ id: Int) {
        guard members.removeValue(forKey: id) != nil else { return }
        owners = owners.filter { $0.value != id }
        rebalance()
    }

    func gaveUp(_ given: [Int32], member id: Int) {
        guard members[id] != nil else { return }
        for partition in given where owners[partition] == id {
            owners[partition] = nil
            members[id]?.isAsked.remove(partition)
        }
        rebalance()
    }

    func isMember(_ id: Int) -> Bool { members[id] != nil }

    func accepts(member id: Int, generation known: Int) -> Bool { members[id] != nil && known == generation }

    func owns(_ id: Int, _ partition: Int32) -> Bool { owners[partition] == id }

    func owner(of partition: Int32) -> (any GroupMember)? { owners[partition].flatMap { members[$0]?.who } }

    /// Gives free partitions to those who have least, and asks those who have too many to give some up.
    func rebalance(shuffles: Bool = false) {
        generation += 1
        guard !members.isEmpty else { return }
        for id in members.keys.sorted() { members[id]?.who.generationChanged(generation, member: id) }
        let ids = members.keys.sorted().shuffled(using: &random)
        var counts = Dictionary(uniqueKeysWithValues: ids.map { ($0, 0) })
        for owner in owners.values { counts[owner, default: 0] += 1 }
        var given: [Int: [Int32]] = [:]
        for partition in partitions where owners[partition] == nil {
            guard let poorest = ids.min(by: { counts[$0, default: 0] < counts[$1, default: 0] }) else { continue }
            owners[partition] = poorest
            counts[poorest, default: 0] += 1
            given[poorest, default: []].append(partition)
        }
        askForSurplus(ids, counts: counts, shuffles: shuffles)
        for id in given.keys.sorted() {
            members[id]?.who.assigned(given[id] ?? [], member: id, generation: generation)
        }
    }

    private func askForSurplus(_ ids: [Int], counts: [Int: Int], shuffles: Bool) {
        let fair = (partitions.count + ids.count - 1) / ids.count
        for id in ids.sorted() {
            var surplus = max(counts[id, default: 0] - fair, 0)
            if shuffles, surplus == 0, ids.count > 1, counts[id, default: 0] > 0 { surplus = 1 }
            let asked = members[id]?.isAsked ?? []
            let own = partitions.filter { owners[$0] == id && !asked.contains($0) }
            let chosen = Array(own.suffix(max(surplus - asked.count, 0)))
            guard !chosen.isEmpty else { continue }
            members[id]?.isAsked.formUnion(chosen)
            members[id]?.who.revoking(chosen, member: id)
        }
    }
}
