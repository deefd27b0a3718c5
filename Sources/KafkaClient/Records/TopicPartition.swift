/// One partition of one topic.
package struct TopicPartition: Sendable, Hashable, CustomStringConvertible {
    package var topic: String
    /// The number of the partition, 0 and up.
    package var partition: Int32

    package init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    package var description: String { "\(topic)[\(partition)]" }
}
