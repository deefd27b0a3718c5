import CRdKafka

/// A `rd_kafka_topic_partition_list_t` of our own, made afresh for every call: librdkafka writes errors and offsets
/// into the lists it is given.
///
/// Lifetime: destroyed with this object; librdkafka copies what it keeps.
final class PartitionList {
    let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    init(_ partitions: some Collection<TopicPartition>) {
        pointer = rd_kafka_topic_partition_list_new(Int32(clamping: partitions.count))
        for partition in partitions {
            rd_kafka_topic_partition_list_add(pointer, partition.topic, partition.partition)
        }
    }

    init(_ offsets: [TopicPartition: Int64]) {
        pointer = rd_kafka_topic_partition_list_new(Int32(clamping: offsets.count))
        for (partition, offset) in offsets {
            rd_kafka_topic_partition_list_add(pointer, partition.topic, partition.partition).pointee.offset = offset
        }
    }

    deinit { rd_kafka_topic_partition_list_destroy(pointer) }

    /// The offsets that librdkafka wrote into the list, without those that say that there is none.
    var offsets: [TopicPartition: Int64] {
        var offsets: [TopicPartition: Int64] = [:]
        for element in Self.elements(of: pointer) where element.offset >= 0 {
            offsets[TopicPartition(element)] = element.offset
        }
        return offsets
    }

    /// Throws the first error that librdkafka wrote into the list.
    func check(_ operation: String) throws(KafkaError) {
        if let error = Self.firstError(of: pointer, operation: operation) { throw error }
    }

    static func firstError(
        of list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?,
        operation: String
    ) -> KafkaError? {
        for element in elements(of: list) where element.err != RD_KAFKA_RESP_ERR_NO_ERROR {
            let text = String(cString: rd_kafka_err2str(element.err))
            return KafkaError(element.err, operation: operation, message: "\(TopicPartition(element)): \(text)")
        }
        return nil
    }

    /// Copies the partitions of a list that belongs to librdkafka.
    static func partitions(of list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?) -> [TopicPartition] {
        elements(of: list).map { TopicPartition($0) }
    }

    private static func elements(
        of list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
    ) -> UnsafeBufferPointer<rd_kafka_topic_partition_t> {
        guard let list else { return UnsafeBufferPointer(start: nil, count: 0) }
        return UnsafeBufferPointer(start: list.pointee.elems, count: Int(list.pointee.cnt))
    }
}

extension TopicPartition {
    init(_ element: rd_kafka_topic_partition_t) {
        self.init(topic: element.topic.map { String(cString: $0) } ?? "", partition: element.partition)
    }
}
