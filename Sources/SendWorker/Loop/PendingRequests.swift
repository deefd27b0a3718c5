import SendEngine

/// The requests that the engine's loop holds, until their results are durable.
///
/// Each is looked up some five times, and those of a partition have offsets side by side, nearly: so each partition has a
/// ring in which an offset has its place. What lies too far from the others of its partition, as long as one of them takes
/// very long, stands in a dictionary.
struct PendingRequests {
    private var rings: [Ring] = []
    private var others: [RecordID: PendingRequest] = [:]
    private(set) var count = 0

    subscript(id: RecordID) -> PendingRequest? {
        let number = Int(id.partition)
        if rings.indices.contains(number), let found = rings[number].find(id) { return found }
        return others.isEmpty ? nil : others[id]
    }

    /// Keeps a request, which must not be there.
    mutating func insert(_ request: PendingRequest, as id: RecordID) {
        count += 1
        // Partitions are numbered from zero without gaps; a number that no broker gives makes no table.
        guard (0..<Self.mostRings).contains(id.partition) else {
            others[id] = request
            return
        }
        while rings.count <= Int(id.partition) { rings.append(Ring()) }
        if !rings[Int(id.partition)].insert(request, as: id) { others[id] = request }
    }

    mutating func remove(_ id: RecordID) {
        let number = Int(id.partition)
        let isRemoved = rings.indices.contains(number) && rings[number].remove(id)
        if isRemoved || (!others.isEmpty && others.removeValue(forKey: id) != nil) { count -= 1 }
    }

    mutating func remove(partitions: Set<Int32>) {
        for number in partitions where rings.indices.contains(Int(number)) {
            count -= rings[Int(number)].count
            rings[Int(number)] = Ring()
        }
        guard !others.isEmpty else { return }
        let before = others.count
        others = others.filter { !partitions.contains($0.key.partition) }
        count -= before - others.count
    }

    /// How many there are of each partition; those without any are left out.
    var counts: [Int32: Int] {
        var counts: [Int32: Int] = [:]
        for (number, ring) in rings.enumerated() where ring.count > 0 { counts[Int32(number)] = ring.count }
        for id in others.keys { counts[id.partition, default: 0] += 1 }
        return counts
    }

    private static let mostRings: Int32 = 100_000
}

/// Requests of one assignment of a partition, by their offsets.
private struct Ring {
    /// As many as a power of two, or none; an offset's place is what is left of it by that.
    private var slots: [PendingRequest?] = []
    private var epoch: UInt64 = 0
    /// The lowest offset that is there.
    private var first: Int64 = 0
    private(set) var count = 0

    func find(_ id: RecordID) -> PendingRequest? { holds(id) ? slots[place(of: id.offset)] : nil }

    /// - Returns: False where it has no place here.
    mutating func insert(_ request: PendingRequest, as id: RecordID) -> Bool {
        if count == 0 { (epoch, first) = (id.epoch, id.offset) }
        guard id.epoch == epoch, id.offset >= first else { return false }
        let (distance, overflows) = id.offset.subtractingReportingOverflow(first)
        // However far apart they come to be, there are not many more places than requests.
        guard !overflows, distance < max(Self.fewest, 8 * count) else { return false }
        if distance >= slots.count { grow(to: Int(distance) + 1) }
        slots[place(of: id.offset)] = request
        count += 1
        return true
    }

    /// - Returns: Whether it was there.
    mutating func remove(_ id: RecordID) -> Bool {
        guard holds(id), slots[place(of: id.offset)].take() != nil else { return false }
        count -= 1
        if count > 0 {
            while slots[place(of: first)] == nil { first += 1 }
        } else if slots.count > Self.kept {
            slots = []
        }
        return true
    }

    private func holds(_ id: RecordID) -> Bool {
        guard count > 0, id.epoch == epoch, id.offset >= first else { return false }
        let (distance, overflows) = id.offset.subtractingReportingOverflow(first)
        return !overflows && distance < slots.count
    }

    private func place(of offset: Int64) -> Int { Int(truncatingIfNeeded: offset) & (slots.count - 1) }

    private mutating func grow(to size: Int) {
        let old = self
        var places = max(Self.smallest, slots.count)
        while places < size { places *= 2 }
        slots = Array(repeating: nil, count: places)
        for distance in 0..<Int64(old.slots.count) where old.count > 0 {
            guard let request = old.slots[old.place(of: first &+ distance)] else { continue }
            slots[place(of: first &+ distance)] = request
        }
    }

    private static let fewest = 4_096
    private static let smallest = 256
    /// More places than that are not kept while they are empty.
    private static let kept = 65_536
}
