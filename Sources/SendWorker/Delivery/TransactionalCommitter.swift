import InstagramMessaging
package import KafkaClient
package import Telemetry

/// Makes each delivery durable in one Kafka transaction: results, dead letters, state and offsets appear together or
/// not at all, and the group's metadata keeps a replica that lost its partitions from committing.
package actor TransactionalCommitter: Committer {
    /// What the committer needs of the rest of the worker.
    package struct Ports: Sendable {
        /// Makes a producer with the replica's transactional id.
        package var makeProducer: @Sendable () throws -> KafkaProducer
        /// The group's metadata as it is now; throws where one of the partitions is not held any more since the
        /// assignment with that number.
        package var groupMetadata: @Sendable ([TopicPartition: UInt64]) async throws -> ConsumerGroupMetadata
        /// The marker of the delivery that last wrote a partition's ledger.
        package var lastMarker: @Sendable (Int32) async throws -> [UInt8]?
        /// Told how each transaction ended.
        package var ended: @Sendable (TransactionEnd) -> Void
        /// Waits before another try.
        package var pause: @Sendable (Duration) async -> Void

        package init(
            makeProducer: @escaping @Sendable () throws -> KafkaProducer,
            groupMetadata: @escaping @Sendable ([TopicPartition: UInt64]) async throws -> ConsumerGroupMetadata,
            lastMarker: @escaping @Sendable (Int32) async throws -> [UInt8]?,
            ended: @escaping @Sendable (TransactionEnd) -> Void = { _ in },
            pause: @escaping @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) }
        ) {
            self.makeProducer = makeProducer
            self.groupMetadata = groupMetadata
            self.lastMarker = lastMarker
            self.ended = ended
            self.pause = pause
        }
    }

    /// How long the brokers may take to let a new producer begin; no transaction is open meanwhile.
    private static let startTimeout = Duration.seconds(15)
    private static let retryDelay = Duration.milliseconds(250)

    private let ports: Ports
    private let transactionalID: String
    /// How long a call may take in an open transaction before its producer is given up.
    private let callTimeout: Duration
    private let records: TerminalRecords
    private let stateTopic: StateTopic
    private let logger: Logger
    private let repetitions: RepetitionLimiter
    private let session = UInt64.random(in: .min ... .max)
    private var producer: KafkaProducer?
    /// Where dead letters turned out too large for their topic: they go without the request's bytes.
    private var abridged: Set<SourcePosition> = []

    fileprivate struct SourcePosition: Hashable {
        var partition: Int32
        var offset: Int64
    }

    /// - Parameters:
    ///   - transactionalID: The id that `ports.makeProducer` gives its producers.
    ///   - transactionTimeout: After this time the brokers abort an open transaction. A call in it gets a third, so that
    ///     the committer gives up first: a producer whose transaction the brokers have aborted is fenced.
    package init(
        ports: Ports,
        transactionalID: String,
        transactionTimeout: Duration,
        records: TerminalRecords,
        stateTopic: StateTopic,
        logger: Logger,
        repetitions: RepetitionLimiter
    ) {
        self.ports = ports
        self.transactionalID = transactionalID
        callTimeout = transactionTimeout / 3
        self.records = records
        self.stateTopic = stateTopic
        self.logger = logger
        self.repetitions = repetitions
    }

    /// Announces the transactional id to the brokers, which also ends what an earlier holder of the id left open.
    ///
    /// - Throws: `KafkaError`; one that is neither retriable nor a time-out means that the brokers do not do it.
    package func prepare() async throws {
        _ = try await readyProducer()
    }

    package func commit(_ delivery: Delivery) async throws(CommitError) -> CommitOutcome {
        do {
            return try await transact(delivery)
        } catch let error as CommitError {
            throw error
        } catch {
            say("a transaction could not be started, trying again", error)
            await ports.pause(Self.retryDelay)
            return .nothing
        }
    }

    /// Frees the producer.
    ///
    /// - Returns: False where it could not be freed in time.
    package func close() async -> Bool {
        await discardProducer()
    }

    // MARK: One transaction

    private func transact(_ delivery: Delivery) async throws -> CommitOutcome {
        let marker = Array("\(session)-\(delivery.number)".utf8)
        do {
            let producer = try await readyProducer()
            try await producer.beginTransaction()
            try await fill(delivery, marker: marker, with: producer)
        } catch let error as KafkaError {
            try await giveUp(after: error)
            return error.isAssignmentLost ? .notOurs : .nothing
        }
        return try await finish(delivery, marker: marker)
    }

    private func fill(_ delivery: Delivery, marker: [UInt8], with producer: KafkaProducer) async throws {
        var outgoing = stateTopic.records(for: delivery, marker: marker, writer: transactionalID)
        for ending in delivery.endings {
            outgoing.append(records.resultRecord(for: ending.result, of: ending.held))
            if ending.result.status != .sent { outgoing.append(deadLetter(for: ending)) }
        }
        let answers = await producer.publish(outgoing)
        for (record, answer) in zip(outgoing, answers) {
            guard case .failure(let error) = answer else { continue }
            if error.isMessageTooLarge { abridge(record, among: delivery.endings) }
            throw error
        }
        guard !delivery.offsets.isEmpty else { return }
        let metadata = try await ports.groupMetadata(delivery.epochs)
        try await again {
            try await producer.sendOffsets(delivery.offsets, metadata: metadata, timeout: callTimeout)
        }
    }

    private func finish(_ delivery: Delivery, marker: [UInt8]) async throws -> CommitOutcome {
        guard let producer else { return .nothing }
        do {
            try await again { try await producer.commitTransaction(timeout: callTimeout) }
        } catch let error as KafkaError where error.isTimeout {
            try await giveUp(after: error)
            return try await outcome(of: delivery, marker: marker)
        } catch let error as KafkaError {
            try await giveUp(after: error)
            return error.isAssignmentLost ? .notOurs : .nothing
        }
        ports.ended(.committed)
        for ending in delivery.endings { abridged.remove(ending.position) }
        return .committed
    }

    /// After a commit that timed out: once a new producer has ended the old transaction one way or the other, the state
    /// topic tells which way.
    private func outcome(of delivery: Delivery, marker: [UInt8]) async throws -> CommitOutcome {
        while true {
            do {
                _ = try await readyProducer()
                // One is enough: in partitions that are lost meanwhile another replica may have written since.
                for partition in delivery.ledgers.keys.sorted() {
                    if try await ports.lastMarker(partition) == marker { return .committed }
                }
                return .nothing
            } catch {
                if let error = error as? KafkaError, error.isFatal || error.isFenced { throw fencedOff(error) }
                say("the outcome of a commit that timed out is not known yet, asking again", error)
                await ports.pause(Self.retryDelay)
            }
        }
    }

    // MARK: Failures

    /// Repeats a call for as long as it asks to be repeated.
    private func again(_ call: () async throws -> Void) async throws {
        for _ in 0..<40 {
            do {
                return try await call()
            } catch let error as KafkaError where error.isRetriable && !error.requiresAbort && !error.isTimeout {
                say("a transactional call asks to be repeated", error)
                await ports.pause(Self.retryDelay)
            }
        }
        try await call()
    }

    /// Ends a transaction that cannot be committed, so that nothing of it is ever seen.
    private func giveUp(after error: KafkaError) async throws {
        ports.ended(error.isFenced || error.isFatal ? .fenced : error.isTimeout ? .timedOut : .aborted)
        if error.isFenced || error.isFatal { throw fencedOff(error) }
        say("a transaction is given up; its outcomes are committed again", error)
        // A call that timed out may still be under way: only a new producer makes sure that it has no effect.
        if error.isTimeout {
            await discardProducer()
            return
        }
        if let producer {
            do {
                try await again { try await producer.abortTransaction(timeout: callTimeout) }
            } catch let abortError as KafkaError where abortError.isFatal || abortError.isFenced {
                throw fencedOff(abortError)
            } catch {
                await discardProducer()
            }
        }
        await ports.pause(Self.retryDelay)
    }

    private func fencedOff(_ error: KafkaError) -> CommitError {
        CommitError("this replica may not commit any more: \(error). Restart the worker.")
    }

    // MARK: The producer

    private func readyProducer() async throws -> KafkaProducer {
        if let producer { return producer }
        let made = try ports.makeProducer()
        do {
            try await made.initTransactions(timeout: Self.startTimeout)
        } catch {
            await made.close(timeout: .seconds(5))
            throw error
        }
        producer = made
        return made
    }

    @discardableResult
    private func discardProducer() async -> Bool {
        let old = producer
        producer = nil
        return await old?.close(timeout: .seconds(10)) ?? true
    }

    // MARK: Dead letters that are too large

    private func deadLetter(for ending: Delivery.Ending) -> ProducerRecord {
        abridged.contains(ending.position)
            ? records.abridgedDeadLetterRecord(for: ending.result, of: ending.held)
            : records.deadLetterRecord(for: ending.result, of: ending.held)
    }

    private func abridge(_ record: ProducerRecord, among endings: [Delivery.Ending]) {
        guard let ending = endings.first(where: { deadLetter(for: $0) == record }) else { return }
        logger.error(
            "a dead letter is too large for its topic and is written without the request's bytes; raise max.message.bytes",
            metadata: ["topic": "\(record.topic)", "bytes": "\(record.value?.count ?? 0)"]
        )
        abridged.insert(ending.position)
    }

    private func say(_ message: String, _ error: any Error) {
        repetitions.log("\(message)", level: .warning, to: logger, metadata: ["reason": "\(error)"])
    }
}

extension Delivery.Ending {
    fileprivate var position: TransactionalCommitter.SourcePosition {
        TransactionalCommitter.SourcePosition(partition: held.record.partition, offset: held.record.offset)
    }
}
