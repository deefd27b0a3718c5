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
