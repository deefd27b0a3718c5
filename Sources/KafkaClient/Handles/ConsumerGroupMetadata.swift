import CRdKafka

/// Who a consumer is within its group at one moment: what a transaction that commits its offsets is fenced by.
///
/// Take it afresh for each transaction. Lifetime: the C object is destroyed with this one and does not need the
/// consumer.
///
/// `@unchecked Sendable`: the C object never changes once it is made.
package final class ConsumerGroupMetadata: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Takes over the C object.
    init(consuming pointer: OpaquePointer) {
        self.pointer = pointer
    }

    /// Of somebody who is no member of the group: nothing fences what is committed with it, so it is for what is aborted.
    package init(outsideOf group: String) throws(KafkaError) {
        guard let pointer = rd_kafka_consumer_group_metadata_new(group) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, operation: "group metadata")
        }
        self.pointer = pointer
    }

    deinit { rd_kafka_consumer_group_metadata_destroy(pointer) }
}
