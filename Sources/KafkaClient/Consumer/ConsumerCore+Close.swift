import CRdKafka

extension ConsumerCore {
    /// Gives the subscription up. What is assigned is revoked in the usual way.
    func leave() {
        phase = .leaving
        if var arrival = rebalance.arrival {
            if !arrival.partitions.isEmpty { tell(.lost(arrival.partitions, .closing)) }
            arrival.partitions = []
            reportFailure { () throws(KafkaError) in try assign(arrival) }
        }
        reportFailure { () throws(KafkaError) in
            try KafkaError.check(rd_kafka_unsubscribe(client.pointer), "unsubscribe")
        }
        deliver()
        noteProgressOfClose()
    }

    /// Begins to close, without blocking; gives up at once what the application has not released by now.
    func beginClose() {
        phase = .closing
        if let departure = rebalance.departure {
            tell(.lost(departure.partitions, .closing))
            reportFailure { () throws(KafkaError) in
                try giveUp(departure.partitions, isCooperative: departure.isCooperative)
            }
        }
        // Not the consumer's own queue: that one is forwarded to the one given here.
        let queue = QueueHandle(newFor: client)
        closingQueue = queue
        if let error = rd_kafka_consumer_close_queue(client.pointer, queue.pointer) {
            // A consumer that has failed for good has left already.
            rd_kafka_error_destroy(error)
            ended.fulfil(true)
        }
        deliver()
    }

    /// Told at every poll, since librdkafka only answers when it is asked.
    func noteProgressOfClose() {
        if phase != .running && rebalance.isEmpty && hasNoMembership { left.fulfil(true) }
        if phase == .closing && rd_kafka_consumer_closed(client.pointer) != 0 { ended.fulfil(true) }
    }

    /// Whether the group has been told. Giving partitions up only asks librdkafka for it; a close that overtakes the last of
    /// that ends the consumer without a word to the group, whose other members then wait for the session to end.
    private var hasNoMembership: Bool {
        // Lifetime: librdkafka makes a copy for us.
        guard let memberID = rd_kafka_memberid(client.pointer) else { return true }
        defer { rd_kafka_mem_free(client.pointer, memberID) }
        return memberID.pointee == 0
    }
}
