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

extension ProducerRecord {
    /// The most bytes that a batch with nothing but this record takes, uncompressed: what a topic's `max.message.bytes`
    /// and the client's `message.max.bytes` are held against.
    package var batchSize: Int {
        headers.reduce(Self.emptyBatch + (key?.count ?? 0) + (value?.count ?? 0)) { $0 + $1.batchSize }
    }

    /// A batch's own 61 bytes, then of its record the length, attributes, offsets from the batch's time and first offset,
    /// the lengths of key and value and the number of headers, each number at its longest.
    private static let emptyBatch = 61 + 5 + 1 + 10 + 5 + 5 + 5 + 5
}

extension KafkaHeader {
    /// The most bytes that it takes in a batch: name and value, each with its length.
    package var batchSize: Int { 5 + name.utf8.count + 5 + (value?.count ?? 0) }
}
