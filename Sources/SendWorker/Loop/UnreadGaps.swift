/// Offsets that reading passed over. Most are nothing: markers of producers' transactions. But where the log begins behind
/// them by now, the topic has deleted records before anybody had read them.
struct UnreadGaps: Sendable {
    /// The offset that is to come next, where it is known.
    private var next: [Int32: Int64] = [:]
    /// What was passed over since it was last taken.
    private var gaps: [Int32: [Range<Int64>]] = [:]

    /// Reading begins at an offset; nil where the group has none and begins wherever the log does.
    mutating func begin(_ partition: Int32, at offset: Int64?) {
        next[partition] = offset
        gaps[partition] = nil
    }

    mutating func remove(_ partition: Int32) { begin(partition, at: nil) }

    mutating func read(_ offset: Int64, of partition: Int32) {
        if let expected = next[partition], expected < offset { gaps[partition, default: []].append(expected..<offset) }
        next[partition] = offset + 1
    }

    /// Hands out what was passed over since the last time, by partition.
    mutating func take() -> [Int32: [Range<Int64>]] {
        defer { gaps = [:] }
        return gaps
    }

    /// How many of the offsets that were passed over lie before the start of the log.
    static func deleted(_ gaps: [Range<Int64>], before start: Int64) -> Int64 {
        gaps.reduce(0) { $0 + max(min($1.upperBound, start) - $1.lowerBound, 0) }
    }
}
