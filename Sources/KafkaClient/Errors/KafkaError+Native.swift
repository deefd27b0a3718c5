import CRdKafka

extension KafkaError {
    /// Makes an error of a bare code; nothing but its retriability is known then.
    init(_ code: rd_kafka_resp_err_t, operation: String, message: String? = nil, isFatal: Bool = false) {
        self.init(
            code: code.rawValue,
            name: Self.name(of: code),
            message: message ?? String(cString: rd_kafka_err2str(code)),
            operation: operation,
            isFatal: isFatal || code == RD_KAFKA_RESP_ERR__FATAL,
            isRetriable: Self.passing.contains(code.rawValue)
        )
    }

    /// Takes over an error object: it is destroyed here and must not be used afterwards.
    init(consuming error: OpaquePointer, operation: String) {
        let code = rd_kafka_error_code(error)
        self.init(
            code: code.rawValue,
            name: Self.name(of: code),
            message: String(cString: rd_kafka_error_string(error)),
            operation: operation,
            isFatal: rd_kafka_error_is_fatal(error) != 0,
            isRetriable: rd_kafka_error_is_retriable(error) != 0,
            requiresAbort: rd_kafka_error_txn_requires_abort(error) != 0
        )
        rd_kafka_error_destroy(error)
    }

    /// The fatal error that a client has raised, where it has raised one.
    init?(fatalErrorOf client: OpaquePointer, operation: String) {
        let buffer = ErrorText()
        let code = rd_kafka_fatal_error(client, buffer.start, buffer.capacity)
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        self.init(code, operation: operation, message: buffer.text, isFatal: true)
    }

    /// Throws for every code but success.
    static func check(_ code: rd_kafka_resp_err_t, _ operation: String) throws(KafkaError) {
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(code, operation: operation) }
    }

    /// Throws where there is an error object, and destroys it.
    static func check(consuming error: OpaquePointer?, _ operation: String) throws(KafkaError) {
        if let error { throw KafkaError(consuming: error, operation: operation) }
    }

    static func timeout(_ operation: String, after limit: Duration) -> KafkaError {
        KafkaError(
            RD_KAFKA_RESP_ERR__TIMED_OUT,
            operation: operation,
            message: "no answer within \(limit); it may still take effect"
        )
    }

    static func assignmentLost(_ operation: String, of partitions: some Sequence<TopicPartition>) -> KafkaError {
        let names = partitions.map(\.description).sorted().joined(separator: ", ")
        return KafkaError(
            RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST,
            operation: operation,
            message: "not assigned to this consumer any more: \(names)"
        )
    }

    static func closed(_ operation: String) -> KafkaError {
        KafkaError(RD_KAFKA_RESP_ERR__DESTROY, operation: operation, message: "the client is closed")
    }

    private static func name(of code: rd_kafka_resp_err_t) -> String {
        String(cString: rd_kafka_err2name(code))
    }

    /// Codes for which a later try makes sense, for calls that answer with a bare code.
    private static let passing: Set<Int32> = Set(
        [
            RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN,
            RD_KAFKA_RESP_ERR__WAIT_COORD, RD_KAFKA_RESP_ERR__QUEUE_FULL, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
            RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
            RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
            RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS,
            RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
            RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT,
        ].map(\.rawValue)
    )
}
