import CRdKafka

/// One admin request and its answer.
///
/// Lifetime: the options, the queue and the answer are destroyed before `run` returns; what the closures are given must
/// not be kept.
enum AdminRequest {
    /// Sends a request and waits for its answer. Blocks; to be called on a thread of its own.
    static func run<Value>(
        _ operation: String,
        _ kind: rd_kafka_admin_op_t,
        client: ClientHandle,
        timeout: Duration,
        send: (_ options: OpaquePointer?, _ queue: OpaquePointer) -> Void,
        read: (_ answer: OpaquePointer) throws(KafkaError) -> Value
    ) throws(KafkaError) -> Value {
        let options = rd_kafka_AdminOptions_new(client.pointer, kind)
        defer { rd_kafka_AdminOptions_destroy(options) }
        let text = ErrorText()
        let limit = max(timeout.cMilliseconds, 1)
        rd_kafka_AdminOptions_set_request_timeout(options, limit, text.start, text.capacity)
        if kind == RD_KAFKA_ADMIN_OP_CREATETOPICS {
            rd_kafka_AdminOptions_set_operation_timeout(options, limit, text.start, text.capacity)
        }
        let queue = QueueHandle(newFor: client)
        send(options, queue.pointer)
        // librdkafka answers by itself when its time is over; the rest is for a clock that is a little behind.
        guard let answer = rd_kafka_queue_poll(queue.pointer, limit > Int32.max - 1_000 ? limit : limit + 1_000) else {
            throw KafkaError.timeout(operation, after: timeout)
        }
        defer { rd_kafka_event_destroy(answer) }
        let code = rd_kafka_event_error(answer)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            let message = rd_kafka_event_error_string(answer).map { String(cString: $0) }
            throw KafkaError(code, operation: operation, message: message)
        }
        return try read(answer)
    }
}
