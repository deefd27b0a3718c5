import CRdKafka

extension ConsumerCore {
    /// Commits as soon as that does no harm; the promise is given the outcome.
    func commit(_ offsets: [TopicPartition: Int64], _ promise: Promise<KafkaError?>) -> UInt {
        let number = commits.open(promise)
        if rebalance.holdsCommits {
            commits.hold(number, offsets)
        } else {
            send(number, offsets)
        }
        return number
    }

    /// Sends what waited for the end of a rebalance.
    func sendHeldCommits() {
        for held in commits.takeHeld() { send(held.number, held.offsets) }
    }

    /// Asks the coordinator for a commit that it can only refuse, of a partition that does not exist.
    func askToCommit(_ absent: TopicPartition, _ promise: Promise<KafkaError?>) -> UInt {
        let number = commits.open(promise)
        offer([absent: 0], number)
        return number
    }

    private func send(_ number: UInt, _ offsets: [TopicPartition: Int64]) {
        let foreign = offsets.keys.filter { !rebalance.owns($0) }
        guard foreign.isEmpty, rd_kafka_assignment_lost(client.pointer) == 0 else {
            commits.end(number, .assignmentLost("commit", of: foreign.isEmpty ? Array(offsets.keys) : foreign))
            return
        }
        offer(offsets, number)
    }

    private func offer(_ offsets: [TopicPartition: Int64], _ number: UInt) {
        // The answer comes through the consumer's own queue, so on this thread and in order with the rest.
        let list = PartitionList(offsets, metadata: offsetMetadata)
        let result = rd_kafka_commit_queue(
            client.pointer,
            list.pointer,
            queue.pointer,
            { client, code, list, number in
                let failure =
                    code == RD_KAFKA_RESP_ERR_NO_ERROR
                    ? PartitionList.firstError(of: list, operation: "commit") : KafkaError(code, operation: "commit")
                ClientCallbacks.of(client)?.onCommit?(UInt(bitPattern: number), failure)
            },
            UnsafeMutableRawPointer(bitPattern: number)
        )
        if result != RD_KAFKA_RESP_ERR_NO_ERROR { commits.end(number, KafkaError(result, operation: "commit")) }
    }
}
