import CRdKafka

/// A reference to a `rd_kafka_queue_t`.
///
/// Lifetime: given back with this object, which holds the client so that the queue goes first.
///
/// `@unchecked Sendable`: the pointer never changes, and queues may be used on any thread.
final class QueueHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    private let client: ClientHandle

    /// The queue that `rd_kafka_consumer_poll` reads; nil for a client without a group.
    init?(consumerQueueOf client: ClientHandle) {
        guard let pointer = rd_kafka_queue_get_consumer(client.pointer) else { return nil }
        self.pointer = pointer
        self.client = client
    }

    /// A new, empty queue.
    init(newFor client: ClientHandle) {
        pointer = rd_kafka_queue_new(client.pointer)
        self.client = client
    }

    deinit { rd_kafka_queue_destroy(pointer) }

    /// Ends the poll of this queue that is under way, or else the next one.
    func yield() { rd_kafka_queue_yield(pointer) }
}
