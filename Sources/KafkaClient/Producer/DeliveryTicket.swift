import CRdKafka

/// Which record of which `publish` a message is: the message's `opaque`.
///
/// Lifetime: retained when the message is given to librdkafka and released by its delivery report, of which librdkafka
/// promises exactly one for each message that it took; or at once where it did not take the message.
final class DeliveryTicket {
    let batch: PublishBatch
    let index: Int

    init(batch: PublishBatch, index: Int) {
        self.batch = batch
        self.index = index
    }

    static func registerReports(with configuration: OpaquePointer?) {
        rd_kafka_conf_set_dr_msg_cb(configuration) { client, message, _ in
            guard let message, let opaque = message.pointee._private else { return }
            let ticket = Unmanaged<DeliveryTicket>.fromOpaque(opaque).takeRetainedValue()
            let code = message.pointee.err
            if code == RD_KAFKA_RESP_ERR_NO_ERROR {
                let place = WrittenPlace(partition: message.pointee.partition, offset: message.pointee.offset)
                ticket.batch.end(ticket.index, .success(place))
            } else {
                let fatal = client.flatMap { KafkaError(fatalErrorOf: $0, operation: "publish") }
                ticket.batch.end(ticket.index, .failure(fatal ?? KafkaError(code, operation: "publish")))
            }
        }
    }
}
