/// A record to be written.
package struct ProducerRecord: Sendable, Hashable {
    package var topic: String
    /// Where to write it; nil chooses by the key's hash as the Java client does, or any partition for a record without
    /// key.
    package var partition: Int32?
    package var key: [UInt8]?
    /// Nil writes a tombstone.
    package var value: [UInt8]?
    package var headers: [KafkaHeader]
    /// Milliseconds since 1970 in UTC; nil is now.
    package var timestamp: Int64?

    package init(
        topic: String,
        partition: Int32? = nil,
        key: [UInt8]? = nil,
        value: [UInt8]?,
        headers: [KafkaHeader] = [],
        timestamp: Int64? = nil
    ) {
        self.topic = topic
        self.partition = partition
        self.key = key
        self.value = value
        self.headers = headers
        self.timestamp = timestamp
    }
}
