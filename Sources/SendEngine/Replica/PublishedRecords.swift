/// The results and dead letters that brokers without transactions have taken while others of the same commit failed.
///
/// A commit comes again until all of it is published; what was taken is not published twice, and state and offsets wait for
/// the rest.
package struct PublishedRecords: Sendable {
    /// The place that a record has among all that is ever published.
    package struct Record: Sendable {
        /// The request's partition and offset in the requests topic.
        package var partition: Int32
        package var offset: Int64
        /// The topic that it is published to.
        package var topic: String

        package init(partition: Int32, offset: Int64, topic: String) {
            self.partition = partition
            self.offset = offset
            self.topic = topic
        }
    }

    /// The topics of the records by partition and offset, with the number of the partition's assignment.
    private var taken: [Int32: (epoch: UInt64, topics: [Int64: Set<String>])] = [:]

    package init() {}

    /// Begins with a commit. A partition that was lost and comes back begins anew: what was published for an earlier
    /// assignment counts no more.
    ///
    /// - Parameter epochs: The assignments that the commit is for.
    package mutating func begin(_ epochs: [Int32: UInt64]) {
        guard !taken.isEmpty else { return }
        for (partition, epoch) in epochs where taken[partition]?.epoch != epoch { taken[partition] = nil }
    }

    package func contains(_ record: Record) -> Bool {
        taken[record.partition]?.topics[record.offset]?.contains(record.topic) ?? false
    }

    /// Notes the brokers' answers.
    ///
    /// - Parameters:
    ///   - answers: Each record that was published, and whether the brokers took it; nil for one that tells no request's end.
    ///   - epochs: The assignments that the commit is for.
    /// - Returns: Whether all were taken, so that what comes after them may be published.
    package mutating func note(_ answers: [(record: Record?, isTaken: Bool)], epochs: [Int32: UInt64]) -> Bool {
        guard answers.contains(where: { !$0.isTaken }) else { return true }
        for (record, isTaken) in answers where isTaken {
            guard let record, let epoch = epochs[record.partition] else { continue }
            taken[record.partition, default: (epoch, [:])].topics[record.offset, default: []].insert(record.topic)
        }
        return false
    }

    /// Forgets the records of requests whose ends are durable.
    package mutating func forget(_ ids: some Sequence<RecordID>) {
        guard !taken.isEmpty else { return }
        for id in ids {
            taken[id.partition]?.topics[id.offset] = nil
            if taken[id.partition]?.topics.isEmpty ?? false { taken[id.partition] = nil }
        }
    }
}
