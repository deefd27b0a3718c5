/// A record as it was read: a copy that belongs to whoever holds it.
package struct KafkaRecord: Sendable, Hashable {
    package var topic: String
    package var partition: Int32
    /// Its place in the partition. Offsets rise, but not by one each: transactions and compaction leave gaps.
    package var offset: Int64
    /// Milliseconds since 1970 in UTC; -1 where the broker gave none.
    package var timestamp: Int64
    package var key: [UInt8]?
    /// Nil is a tombstone; empty is a value.
    package var value: [UInt8]?
    package var headers: [KafkaHeader]

    package init(
        topic: String,
        partition: Int32,
        offset: Int64,
        timestamp: Int64 = -1,
        key: [UInt8]? = nil,
        value: [UInt8]?,
        headers: [KafkaHeader] = []
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.timestamp = timestamp
        self.key = key
        self.value = value
        self.headers = headers
    }

    package var topicPartition: TopicPartition { TopicPartition(topic: topic, partition: partition) }
}
