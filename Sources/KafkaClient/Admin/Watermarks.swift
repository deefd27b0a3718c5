import CRdKafka

/// The ends of a partition.
package struct Watermarks: Sendable, Hashable {
    /// The offset of the oldest record there is.
    package var low: Int64
    /// One past the newest record that can be read: under `read_committed`, the default, transactions that are still
    /// open are not counted.
    package var high: Int64

    package init(low: Int64, high: Int64) {
        self.low = low
        self.high = high
    }

    /// Asks the partition's leader, and again while there is none for a moment: a topic was made, or a broker has ended.
    /// Blocks at most so long.
    static func query(
        _ partition: TopicPartition,
        of client: OpaquePointer,
        timeout: Duration
    ) throws(KafkaError) -> Watermarks {
        let deadline = ContinuousClock.now + timeout
        while true {
            do {
                return try queryOnce(partition, of: client, timeout: max(deadline - .now, .milliseconds(1)))
            } catch {
                guard error.isBetweenLeaders, ContinuousClock.now < deadline else { throw error }
                OwnThread.pause(milliseconds: betweenLeadersMilliseconds)
            }
        }
    }

    private static let betweenLeadersMilliseconds: UInt32 = 50

    private static func queryOnce(
        _ partition: TopicPartition,
        of client: OpaquePointer,
        timeout: Duration
    ) throws(KafkaError) -> Watermarks {
        var marks = Watermarks(low: 0, high: 0)
        let code = rd_kafka_query_watermark_offsets(
            client,
            partition.topic,
            partition.partition,
            &marks.low,
            &marks.high,
            timeout.cMilliseconds
        )
        try KafkaError.check(code, "watermarks of \(partition)")
        return marks
    }
}
