import KafkaClient

/// Why records of a delivery were not written: the error that says most among all that failed with it.
struct PublishTrouble {
    let error: KafkaError
    /// Where the record was to go.
    let topic: String
    /// The records that failed with that error.
    let records: [OutgoingRecord]
    /// Whether others were written.
    let isPartial: Bool

    /// Nil where all were written.
    init?(_ outgoing: [OutgoingRecord], _ answers: [Result<Int64, KafkaError>]) {
        var worst: (record: OutgoingRecord, error: KafkaError)?
        var failed: [(record: OutgoingRecord, error: KafkaError)] = []
        for (record, answer) in zip(outgoing, answers) {
            guard case .failure(let error) = answer else { continue }
            failed.append((record, error))
            if worst.map({ $0.error.telling < error.telling }) ?? true { worst = (record, error) }
        }
        guard let worst else { return nil }
        error = worst.error
        topic = worst.record.record.topic
        records = failed.filter { $0.error.code == worst.error.code }.map(\.record)
        isPartial = failed.count < outgoing.count
    }

    /// The topics of records that failed only because this client does not know their partition, which may be new; nil
    /// where that is not all that went wrong.
    static func topicsToLearn(_ outgoing: [OutgoingRecord], _ answers: [Result<Int64, KafkaError>]) -> Set<String>? {
        var topics: Set<String> = []
        for (record, answer) in zip(outgoing, answers) {
            guard case .failure(let error) = answer else { continue }
            guard error.code == KafkaError.Code.unknownLocalPartition else { return nil }
            topics.insert(record.record.topic)
        }
        return topics.isEmpty ? nil : topics
    }
}

extension KafkaProducer {
    /// Why a transaction has failed whose records only say that it has.
    ///
    /// librdkafka tells with the next call that needs the transaction. Offsets are added to it where it has not failed, so
    /// it is to be aborted.
    func causeOfFailure(_ error: KafkaError, names: CommitNames, offset: Int64?, timeout: Duration) async -> KafkaError
    {
        guard error.saysNothing else { return error }
        do {
            let first = TopicPartition(topic: names.requests, partition: 0)
            let nobody = try ConsumerGroupMetadata(outsideOf: names.group)
            try await sendOffsets([first: offset ?? 0], metadata: nobody, timeout: timeout)
            return error
        } catch {
            return error as? KafkaError ?? KafkaError.unusable("\(error)")
        }
    }
}

extension KafkaError {
    static func unusable(_ message: String) -> KafkaError {
        KafkaError(code: Code.state, name: "_STATE", message: message, operation: "publish")
    }

    /// Whether it only says that something else has failed before.
    var saysNothing: Bool {
        [Code.purgedFromQueue, Code.purgedInFlight, Code.state, Code.operationNotAttempted].contains(code)
    }

    /// How much it says: one failure in a transaction makes others fail, which only say that it has failed.
    fileprivate var telling: Int {
        if MissingRight.isMissing(self) { return 5 }
        if isMessageTooLarge { return 4 }
        if isFatal || isFenced { return 3 }
        if isUnknownPartition { return 2 }
        return saysNothing ? 0 : 1
    }
}
