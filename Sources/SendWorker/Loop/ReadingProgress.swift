/// How far partitions have been read, and whether it is still the same log that is read.
///
/// A topic that is deleted and made anew under a running worker, and a log that has lost its end, begin again at offsets that
/// were read before. To pass these over as read again would leave requests without a result.
struct ReadingProgress: Sendable {
    private struct Partition {
        /// The offset that is to come next, where it is known.
        var next: Int64?
        /// The newest timestamp read, in milliseconds; one that lies ahead counts as the present.
        var newest: Int64?
    }

    private var partitions: [Int32: Partition] = [:]
    /// Partitions of which records have come again since this was last taken, with the offset that was to come.
    private var repeated: [Int32: Int64] = [:]

    mutating func begin(_ partition: Int32, at offset: Int64?, newest: Int64?) {
        partitions[partition] = Partition(next: offset, newest: newest)
        repeated[partition] = nil
    }

    mutating func remove(_ partition: Int32) {
        partitions[partition] = nil
        repeated[partition] = nil
    }

    /// - Returns: True where the record cannot be one that was read before, though its offset was.
    mutating func read(_ offset: Int64, of partition: Int32, timestamp: Int64, now: Int64) -> Bool {
        let before = partitions[partition] ?? Partition()
        if let next = before.next, offset < next {
            repeated[partition] = next
            // One that lies ahead still does where it only comes again.
            return before.newest.map { timestamp > $0 && timestamp <= now } ?? false
        }
        let newest = timestamp > 0 ? max(before.newest ?? .min, min(timestamp, now)) : before.newest
        partitions[partition] = Partition(next: offset + 1, newest: newest)
        return false
    }

    /// Hands out the partitions of which records have come again since the last time, with the offset that was to come.
    mutating func takeRepeated() -> [Int32: Int64] {
        defer { repeated = [:] }
        return repeated
    }

    /// The newest timestamps read, by partition.
    var newest: [Int32: Int64] { partitions.compactMapValues(\.newest) }
}
