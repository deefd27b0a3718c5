import CRdKafka

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

/// An offset that a group has committed, and what whoever committed it left beside it.
package struct CommittedOffset: Sendable, Hashable {
    package var offset: Int64
    /// Empty where nothing was left.
    package var metadata: String

    package init(offset: Int64, metadata: String = "") {
        self.offset = offset
        self.metadata = metadata
    }
}

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

    /// - Parameter metadata: The text to commit beside each offset.
    init(_ offsets: [TopicPartition: Int64], metadata: String? = nil) {
        pointer = rd_kafka_topic_partition_list_new(Int32(clamping: offsets.count))
        for (partition, offset) in offsets {
            let element = rd_kafka_topic_partition_list_add(pointer, partition.topic, partition.partition)
            element?.pointee.offset = offset
            if let metadata, let element { Self.attach(metadata, to: element) }
        }
    }

    /// The list frees the text with itself, so it must come from librdkafka's own allocator.
    private static func attach(_ metadata: String, to element: UnsafeMutablePointer<rd_kafka_topic_partition_t>) {
        let bytes = Array(metadata.utf8)
        // The broker's side takes it for a string that ends with a zero.
        guard let copy = rd_kafka_mem_malloc(nil, bytes.count + 1) else { return }
        copy.copyMemory(from: bytes, byteCount: bytes.count)
        copy.storeBytes(of: 0, toByteOffset: bytes.count, as: UInt8.self)
        element.pointee.metadata = copy
        element.pointee.metadata_size = bytes.count
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

    /// The same with what was committed beside them.
    var committed: [TopicPartition: CommittedOffset] {
        var committed: [TopicPartition: CommittedOffset] = [:]
        for element in Self.elements(of: pointer) where element.offset >= 0 {
            let bytes = UnsafeRawBufferPointer(start: element.metadata, count: element.metadata_size)
            // Some versions count the zero at the end.
            let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            committed[TopicPartition(element)] = CommittedOffset(offset: element.offset, metadata: text)
        }
        return committed
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
