import CRdKafka

/// A record to be written.
package struct ProducerRecord: Sendable, Hashable {
    package var topic: String
    /// The partition to write it to; nil chooses by the key's hash as the Java client does, or any partition for a
    /// record without key.
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

/// The place at which a record was written on its topic.
package struct WrittenPlace: Sendable, Hashable {
    package var partition: Int32
    package var offset: Int64

    package init(partition: Int32, offset: Int64) {
        self.partition = partition
        self.offset = offset
    }
}

extension ProducerRecord {
    /// Gives the record to librdkafka, which copies it all: nothing borrowed here is used after the call.
    ///
    /// - Parameters:
    ///   - topic: The handle of the record's topic.
    ///   - ticket: The message's opaque; librdkafka has it only where this does not throw.
    func enqueue(
        in client: OpaquePointer,
        topic: OpaquePointer,
        ticket: UnsafeMutableRawPointer
    ) throws(KafkaError) {
        let headerList = makeHeaderList()
        let error = Self.borrow(key) { key in
            Self.borrow(value) { value in
                withUnsafeTemporaryAllocation(of: rd_kafka_vu_t.self, capacity: Self.mostParts) { parts in
                    var count = 0
                    func add(
                        _ type: rd_kafka_vtype_t,
                        _ fill: (inout rd_kafka_vu_t.__Unnamed_union_u) -> Void
                    ) {
                        parts.initializeElement(at: count, to: Self.part(type, fill))
                        count += 1
                    }
                    add(RD_KAFKA_VTYPE_RKT) { $0.rkt = topic }
                    add(RD_KAFKA_VTYPE_MSGFLAGS) { $0.i = RD_KAFKA_MSG_F_COPY }
                    add(RD_KAFKA_VTYPE_OPAQUE) { $0.ptr = ticket }
                    add(RD_KAFKA_VTYPE_KEY) { $0.mem = .init(ptr: key.start, size: key.count) }
                    add(RD_KAFKA_VTYPE_VALUE) { $0.mem = .init(ptr: value.start, size: value.count) }
                    if let partition { add(RD_KAFKA_VTYPE_PARTITION) { $0.i32 = partition } }
                    if let timestamp { add(RD_KAFKA_VTYPE_TIMESTAMP) { $0.i64 = timestamp } }
                    if let headerList { add(RD_KAFKA_VTYPE_HEADERS) { $0.headers = headerList } }
                    return rd_kafka_produceva(client, parts.baseAddress, count)
                }
            }
        }
        guard let error else { return }
        // librdkafka owns the headers only once it has taken the message.
        if let headerList { rd_kafka_headers_destroy(headerList) }
        throw KafkaError(consuming: error, operation: "publish")
    }

    /// The most arguments that a record is given to librdkafka with.
    private static let mostParts = 8

    private func makeHeaderList() -> OpaquePointer? {
        guard !headers.isEmpty else { return nil }
        let list = rd_kafka_headers_new(headers.count)
        for header in headers {
            Self.borrow(header.value) { value in
                _ = rd_kafka_header_add(list, header.name, -1, value.start, value.count)
            }
        }
        return list
    }

    private static func part(
        _ type: rd_kafka_vtype_t,
        _ fill: (inout rd_kafka_vu_t.__Unnamed_union_u) -> Void
    ) -> rd_kafka_vu_t {
        var part = rd_kafka_vu_t()
        part.vtype = type
        fill(&part.u)
        return part
    }

    /// Lends bytes to a C function for the length of the closure. Nil becomes a null pointer and empty bytes do not:
    /// that is how librdkafka tells a tombstone from an empty value.
    private static func borrow<Value>(
        _ bytes: [UInt8]?,
        _ body: ((start: UnsafeMutableRawPointer?, count: Int)) -> Value
    ) -> Value {
        guard let bytes else { return body((nil, 0)) }
        guard !bytes.isEmpty else {
            return withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { body(($0.baseAddress, 0)) }
        }
        return bytes.withUnsafeBytes { body((UnsafeMutableRawPointer(mutating: $0.baseAddress), $0.count)) }
    }
}
