import CRdKafka

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

/// A header of a record. Names may repeat within a record; their order is kept.
package struct KafkaHeader: Sendable, Hashable {
    package var name: String
    /// Nil and empty are two different values.
    package var value: [UInt8]?

    package init(name: String, value: [UInt8]?) {
        self.name = name
        self.value = value
    }
}

extension KafkaRecord {
    /// Copies a message, whose memory belongs to librdkafka until `rd_kafka_message_destroy`.
    init(copying message: UnsafeMutablePointer<rd_kafka_message_t>, topic: String) {
        let content = message.pointee
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        self.init(
            topic: topic,
            partition: content.partition,
            offset: content.offset,
            timestamp: rd_kafka_message_timestamp(message, &kind),
            key: Self.bytes(content.key, count: content.key_len),
            value: Self.bytes(content.payload, count: content.len),
            headers: Self.headers(of: message)
        )
    }

    /// A copy of borrowed bytes; nil only for a null pointer, which is how librdkafka tells null from empty.
    static func bytes(_ start: UnsafeRawPointer?, count: Int) -> [UInt8]? {
        guard let start else { return nil }
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// A copy of the headers. The list is the message's own and must not be destroyed here.
    private static func headers(of message: UnsafeMutablePointer<rd_kafka_message_t>) -> [KafkaHeader] {
        var list: OpaquePointer?
        guard rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list else { return [] }
        var headers: [KafkaHeader] = []
        headers.reserveCapacity(rd_kafka_header_cnt(list))
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        while rd_kafka_header_get_all(list, headers.count, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR {
            headers.append(
                KafkaHeader(name: name.map { String(cString: $0) } ?? "", value: bytes(value, count: size))
            )
        }
        return headers
    }
}
