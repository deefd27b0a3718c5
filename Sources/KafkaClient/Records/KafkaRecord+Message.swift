import CRdKafka

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
