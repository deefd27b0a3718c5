import CRdKafka

/// An error that librdkafka or a broker answered in place of what was asked for.
package struct KafkaError: Error, Sendable, Hashable {
    /// The number: positive codes are the Kafka protocol's, negative ones librdkafka's own.
    package var code: Int32
    /// The code's name; librdkafka's own begin with an underscore, as in `_TRANSPORT`.
    package var name: String
    /// A description of the failure, in librdkafka's or the broker's words.
    package var message: String
    /// The operation that was under way.
    package var operation: String
    /// The client cannot be used any more.
    package var isFatal: Bool
    /// The same call may succeed when it is made again.
    package var isRetriable: Bool
    /// The transaction under way must be aborted; the producer can go on after that.
    package var requiresAbort: Bool

    package init(
        code: Int32,
        name: String,
        message: String,
        operation: String,
        isFatal: Bool = false,
        isRetriable: Bool = false,
        requiresAbort: Bool = false
    ) {
        self.code = code
        self.name = name
        self.message = message
        self.operation = operation
        self.isFatal = isFatal
        self.isRetriable = isRetriable
        self.requiresAbort = requiresAbort
    }

    /// Nobody answered in time: whether it was done is not known.
    package var isTimeout: Bool {
        [Code.timedOut, Code.messageTimedOut, Code.queueTimedOut, Code.requestTimedOut].contains(code)
    }

    /// Another member or producer has taken this one's place.
    package var isFenced: Bool {
        [Code.fenced, Code.producerFenced, Code.invalidProducerEpoch, Code.fencedInstanceID].contains(code)
    }

    /// The record is larger than the client's or the topic's limit: the same record will never pass.
    package var isMessageTooLarge: Bool {
        [Code.messageTooLarge, Code.recordListTooLarge].contains(code)
    }

    /// As far as the brokers, or this client's picture of them, go there is no such topic or partition.
    package var isUnknownPartition: Bool {
        [Code.unknownTopic, Code.unknownLocalTopic, Code.unknownLocalPartition].contains(code)
    }

    /// The broker that was asked does not lead the partition yet, or no more; another one does in a moment.
    package var isBetweenLeaders: Bool {
        [Code.notLeader, Code.leaderNotAvailable].contains(code)
    }

    /// The partitions belong to somebody else by now.
    package var isAssignmentLost: Bool {
        [Code.assignmentLost, Code.illegalGeneration, Code.unknownMember].contains(code)
    }
}

extension KafkaError: CustomStringConvertible {
    package var description: String {
        var traits: [String] = []
        if isFatal { traits.append("fatal") }
        if requiresAbort { traits.append("abort the transaction") }
        if isRetriable { traits.append("may be tried again") }
        let suffix = traits.isEmpty ? "" : " (\(traits.joined(separator: ", ")))"
        return "\(operation): \(name): \(message)\(suffix)"
    }
}

extension KafkaError {
    /// The codes that a program decides by.
    package enum Code {
        package static let timedOut = RD_KAFKA_RESP_ERR__TIMED_OUT.rawValue
        package static let messageTimedOut = RD_KAFKA_RESP_ERR__MSG_TIMED_OUT.rawValue
        package static let queueTimedOut = RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE.rawValue
        package static let requestTimedOut = RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT.rawValue
        package static let transport = RD_KAFKA_RESP_ERR__TRANSPORT.rawValue
        package static let allBrokersDown = RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN.rawValue
        package static let fatal = RD_KAFKA_RESP_ERR__FATAL.rawValue
        package static let fenced = RD_KAFKA_RESP_ERR__FENCED.rawValue
        package static let producerFenced = RD_KAFKA_RESP_ERR_PRODUCER_FENCED.rawValue
        package static let invalidProducerEpoch = RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH.rawValue
        package static let fencedInstanceID = RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID.rawValue
        package static let messageTooLarge = RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE.rawValue
        package static let recordListTooLarge = RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE.rawValue
        package static let assignmentLost = RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST.rawValue
        package static let illegalGeneration = RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION.rawValue
        package static let unknownMember = RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID.rawValue
        package static let rebalanceInProgress = RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS.rawValue
        package static let state = RD_KAFKA_RESP_ERR__STATE.rawValue
        package static let destroyed = RD_KAFKA_RESP_ERR__DESTROY.rawValue
        package static let unknownTopic = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART.rawValue
        package static let unknownLocalTopic = RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC.rawValue
        package static let unknownLocalPartition = RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION.rawValue
        package static let notLeader = RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION.rawValue
        package static let leaderNotAvailable = RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE.rawValue
        package static let topicExists = RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS.rawValue
        package static let unsupported = RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE.rawValue
        package static let topicAuthorization = RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED.rawValue
        package static let groupAuthorization = RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED.rawValue
        package static let clusterAuthorization = RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED.rawValue
        package static let transactionalIDAuthorization =
            RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED.rawValue
        package static let invalidTransactionState = RD_KAFKA_RESP_ERR_INVALID_TXN_STATE.rawValue
        package static let invalidTransactionTimeout = RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT.rawValue
        package static let inconsistentGroupProtocol = RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL.rawValue
        package static let purgedFromQueue = RD_KAFKA_RESP_ERR__PURGE_QUEUE.rawValue
        package static let purgedInFlight = RD_KAFKA_RESP_ERR__PURGE_INFLIGHT.rawValue
        package static let operationNotAttempted = RD_KAFKA_RESP_ERR_OPERATION_NOT_ATTEMPTED.rawValue
        package static let maximumPollExceeded = RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED.rawValue
    }
}

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

    package static func assignmentLost(_ operation: String, of partitions: some Sequence<TopicPartition>) -> KafkaError
    {
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

/// Memory for a C function to write an error text into, freed with this object.
///
/// `start` is valid for as long as the object is; the text is read after the call that wrote it.
final class ErrorText {
    let start: UnsafeMutablePointer<CChar>
    let capacity = 512

    init() {
        start = .allocate(capacity: capacity)
        start.initialize(repeating: 0, count: capacity)
    }

    deinit { start.deallocate() }

    var text: String { String(cString: start) }
}
