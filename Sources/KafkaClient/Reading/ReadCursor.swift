/// How far a reader has come in each of its partitions. Pure.
struct ReadCursor {
    /// One past the last offset to read; a partition leaves when it is reached.
    private var ends: [TopicPartition: Int64] = [:]

    init(ends: [TopicPartition: Int64]) {
        self.ends = ends
    }

    var isAtEnd: Bool { ends.isEmpty }

    /// Whether the record is still wanted; notes that all before it has been read.
    mutating func take(_ partition: TopicPartition, offset: Int64) -> Bool {
        guard let end = ends[partition] else { return false }
        if offset + 1 >= end { ends[partition] = nil }
        return offset < end
    }

    /// Notes that there is nothing to read before the offset any more. The last records before an end may be
    /// transaction markers, which nobody gets to see.
    mutating func reachEnd(_ partition: TopicPartition, offset: Int64) {
        if let end = ends[partition], offset >= end { ends[partition] = nil }
    }
}
