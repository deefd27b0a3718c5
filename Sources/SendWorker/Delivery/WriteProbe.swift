package import KafkaClient

/// Finds out whether a commit's every part may be written, without leaving anything to be read: in a transaction that is
/// aborted.
package struct WriteProbe: Sendable {
    /// Transactional, with its transactions initialised and none open. To be closed after the probe.
    let producer: KafkaProducer
    let names: CommitNames
    let stateTopic: StateTopic
    /// The transactional id.
    let writer: String
    /// The group's offset of the requests topic's first partition. Some brokers keep what was aborted, so it is the one
    /// that stands there anyway.
    /// Nil where offsets are not probed.
    let offset: Int64?

    package init(
        producer: KafkaProducer,
        names: CommitNames,
        stateTopic: StateTopic,
        writer: String,
        offset: Int64?
    ) {
        self.producer = producer
        self.names = names
        self.stateTopic = stateTopic
        self.writer = writer
        self.offset = offset
    }

    /// - Parameter timeout: How long each call may take.
    /// - Returns: The first right that is missing; nil where none is.
    /// - Throws: `KafkaError` for whatever else goes wrong.
    package func run(timeout: Duration) async throws -> MissingRight? {
        try await producer.beginTransaction()
        do {
            if let right = try await missingRight(timeout: timeout) {
                // What was written before the refusal would keep readers waiting until the transaction's time-out.
                try? await producer.abortTransaction(timeout: timeout)
                return right
            }
        } catch {
            try? await producer.abortTransaction(timeout: timeout)
            throw error
        }
        try await producer.abortTransaction(timeout: timeout)
        return nil
    }

    private func missingRight(timeout: Duration) async throws -> MissingRight? {
        // One after the other: a refusal makes all that is under way fail.
        for record in records {
            guard case .failure(let failure) = await producer.publish([record])[0] else { continue }
            let error = await producer.causeOfFailure(failure, names: names, offset: offset, timeout: timeout)
            guard let right = MissingRight(error, "Write", on: .topic(record.topic)) else { throw error }
            return right
        }
        return try await rightLackingForOffsets(timeout: timeout)
    }

    private func rightLackingForOffsets(timeout: Duration) async throws -> MissingRight? {
        guard let offset else { return nil }
        do {
            try await producer.sendOffsets(
                [TopicPartition(topic: names.requests, partition: 0): offset],
                metadata: try ConsumerGroupMetadata(outsideOf: names.group),
                timeout: timeout
            )
            return nil
        } catch let error as KafkaError {
            guard let right = names.right(lackingFor: error) else { throw error }
            return right
        }
    }

    private var records: [ProducerRecord] {
        var state = stateTopic.emptyRecord(in: 0)
        // Should this replica die now, the next owner ends the transaction.
        state.headers.append(KafkaHeader(name: StateTopic.writerHeader, value: Array(writer.utf8)))
        // With a key, as a topic that is compacted takes none without; the start says so in its own words.
        return [state] + [names.results, names.deadLetters].map { ProducerRecord(topic: $0, key: [], value: nil) }
    }
}
