/// The assigned partitions by their number.
///
/// Brokers number partitions from 0 on, so a partition is found at its place and not by a hash, and looked at where it
/// stands: every record does so several times.
struct PartitionTable: Sendable {
    private var places: [Partition] = []

    func contains(_ number: Int32) -> Bool { places.indices.contains(Int(number)) && places[Int(number)].isAssigned }

    /// An assigned partition.
    subscript(number: Int32) -> Partition {
        _read { yield places[Int(number)] }
        _modify { yield &places[Int(number)] }
    }

    var count: Int { places.count { $0.isAssigned } }

    /// The number of the first partition with which something is the case.
    func first(where isWanted: (Partition) -> Bool) -> Int32? {
        places.firstIndex { $0.isAssigned && isWanted($0) }.map(Int32.init)
    }

    mutating func insert(_ partition: Partition, at number: Int32) {
        while places.count <= Int(number) { places.append(.blank) }
        places[Int(number)] = partition
    }

    mutating func remove(_ number: Int32) { if contains(number) { places[Int(number)] = .blank } }
}
