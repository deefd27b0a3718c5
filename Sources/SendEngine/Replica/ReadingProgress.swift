/// The progress of reading in each partition, and whether it is still the same log that is read.
///
/// A topic that is deleted and made anew under a running worker, and a log that has lost its end, begin again at offsets that
/// were read before. To pass these over as read again would leave requests without a result.
struct ReadingProgress: Sendable {
    private struct Partition {
        /// The offset that is to come next, where it is known.
        var next: Int64?
        /// The newest timestamp read, in milliseconds; one that lies ahead counts as the present.
        var newest: Int64?
        /// The same, with what lies ahead by no more than clocks differ and jump.
        var latest: Int64?
    }

    /// The most by which a record of the same log may be ahead of this clock, in milliseconds, and yet come again when
    /// its time has passed.
    private static let tolerance: Int64 = 60_000

    private var partitions: [Int32: Partition] = [:]
    /// Partitions of which records have come again since this was last taken, with the offset that was to come.
    private var repeated: [Int32: Int64] = [:]

    mutating func begin(_ partition: Int32, at offset: Int64?, newest: Int64?) {
        partitions[partition] = Partition(next: offset, newest: newest, latest: newest)
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
            return before.latest.map { timestamp > $0 && timestamp <= now } ?? false
        }
        var after = before
        after.next = offset.saturatingAdd(1)
        if timestamp > 0 {
            after.newest = max(before.newest ?? .min, min(timestamp, now))
            after.latest = max(before.latest ?? .min, min(timestamp, now.saturatingAdd(Self.tolerance)))
        }
        partitions[partition] = after
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

/// Offsets that reading passed over. Most are nothing: markers of producers' transactions. But where the log begins behind
/// them by now, the topic has deleted records before anybody had read them.
struct UnreadGaps: Sendable {
    /// The offset that is to come next, where it is known.
    private var next: [Int32: Int64] = [:]
    /// The offsets that were passed over since they were last taken.
    private var gaps: [Int32: [Range<Int64>]] = [:]

    /// Reading begins at an offset; nil where the group has none and begins wherever the log does.
    mutating func begin(_ partition: Int32, at offset: Int64?) {
        next[partition] = offset
        gaps[partition] = nil
    }

    mutating func remove(_ partition: Int32) { begin(partition, at: nil) }

    mutating func read(_ offset: Int64, of partition: Int32) {
        if let expected = next[partition], expected < offset { gaps[partition, default: []].append(expected..<offset) }
        next[partition] = offset.saturatingAdd(1)
    }

    /// Hands out what was passed over since the last time, by partition.
    mutating func take() -> [Int32: [Range<Int64>]] {
        defer { gaps = [:] }
        return gaps
    }

    /// Returns the number of the passed-over offsets that lie before the start of the log.
    static func deleted(_ gaps: [Range<Int64>], before start: Int64) -> Int64 {
        gaps.reduce(0) { $0.saturatingAdd(max(min($1.upperBound, start).saturatingSubtract($1.lowerBound), 0)) }
    }
}
