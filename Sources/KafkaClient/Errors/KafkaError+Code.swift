import CRdKafka

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
