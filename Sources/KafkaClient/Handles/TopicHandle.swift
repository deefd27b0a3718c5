import CRdKafka

/// A reference to a topic of a client.
///
/// Lifetime: given back with this object, which holds the client so that the topic goes first.
///
/// `@unchecked Sendable`: the pointer never changes, and topics may be used on any thread.
final class TopicHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    private let client: ClientHandle

    init(_ name: String, of client: ClientHandle) throws(KafkaError) {
        guard let pointer = rd_kafka_topic_new(client.pointer, name, nil) else {
            throw KafkaError(rd_kafka_last_error(), operation: "topic \(name)")
        }
        self.pointer = pointer
        self.client = client
    }

    deinit { rd_kafka_topic_destroy(pointer) }
}
