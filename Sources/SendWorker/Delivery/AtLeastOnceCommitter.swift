import InstagramMessaging
package import KafkaClient
package import SendEngine
package import Telemetry

/// Publishes dead letters, then results, waits until the brokers have acknowledged every one, then publishes the state and
/// commits the offsets.
///
/// A crash between the two repeats work after a restart: a result may then appear twice and a message may be sent
/// twice. That is what this guarantee allows, for brokers without transactions. Nothing else publishes a result twice:
/// where only some of a delivery could be written, the rest is when it comes again.
///
/// It works on a thread of its own, where deliveries are encoded.
package actor AtLeastOnceCommitter: Committer {
    /// The functions that the committer needs of the rest of the worker.
    package struct Ports: Sendable {
        /// Publishes with batches of so many bytes at most.
        package var publish: @Sendable ([ProducerRecord], _ batchSize: Int) async -> [Result<Int64, KafkaError>]
        /// Has the producer learn of a topic's partitions.
        package var learnPartitions: @Sendable (String) async -> Void
        package var commitOffsets: @Sendable ([TopicPartition: Int64]) async throws -> Void
        /// Returns what the consumer owns, with the number of each assignment.
        package var assignments: @Sendable () async -> [Int32: UInt64]
        /// Returns the limits of the topics, as far as the brokers tell.
        package var readLimits: @Sendable () async -> [String: Int]
        /// Returns the topics of the worker that do not exist.
        package var missingTopics: @Sendable () async -> [String]
        /// Told the topic of each record that was written smaller than it is.
        package var substituted: @Sendable (String) -> Void

        package init(
            publish: @escaping @Sendable ([ProducerRecord], _ batchSize: Int) async -> [Result<Int64, KafkaError>],
            learnPartitions: @escaping @Sendable (String) async -> Void = { _ in },
            commitOffsets: @escaping @Sendable ([TopicPartition: Int64]) async throws -> Void,
            assignments: @escaping @Sendable () async -> [Int32: UInt64],
            readLimits: @escaping @Sendable () async -> [String: Int] = { [:] },
            missingTopics: @escaping @Sendable () async -> [String] = { [] },
            substituted: @escaping @Sendable (String) -> Void = { _ in }
        ) {
            self.publish = publish
            self.learnPartitions = learnPartitions
            self.commitOffsets = commitOffsets
            self.assignments = assignments
            self.readLimits = readLimits
            self.missingTopics = missingTopics
            self.substituted = substituted
        }
    }

    private let thread = ExecutorThread()
    private let ports: Ports
    private let names: CommitNames
    private let records: TerminalRecords
    private let stateTopic: StateTopic
    private let substitutes: Substitutes
    private let logger: Logger
    private let repetitions: RepetitionLimiter
    private var room: RecordRoom
    private var hasReadLimits = false
    private var published = PublishedRecords()

    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
    package nonisolated var executor: (any TaskExecutor)? { thread }

    /// - Parameter largestMessage: The largest record that the producer lets pass, in bytes.
    package init(
        ports: Ports,
        largestMessage: Int,
        names: CommitNames,
        records: TerminalRecords,
        stateTopic: StateTopic,
        logger: Logger,
        repetitions: RepetitionLimiter
    ) {
        self.ports = ports
        self.names = names
        self.records = records
        self.stateTopic = stateTopic
        self.logger = logger
        self.repetitions = repetitions
        room = RecordRoom(limits: BatchLimits(topics: names.written, client: largestMessage))
        substitutes = Substitutes(count: ports.substituted, logger: logger, repetitions: repetitions)
    }

    deinit { thread.stop() }

    /// Learns what the topics take.
    package func prepare() async {
        hasReadLimits = true
        room.limits.note(await ports.readLimits())
    }

    package func commit(_ delivery: Delivery) async throws(CommitError) -> CommitOutcome {
        if !hasReadLimits { await prepare() }
        let epochs = delivery.commit.epochs
        published.begin(epochs)
        let outgoing = room.outgoing(delivery.entries, records).filter { outgoing in
            outgoing.published.map { !published.contains($0) } ?? true
        }
        // A result that says that a message was not sent is not seen before its dead letter.
        let results = outgoing.filter { $0.record.topic == records.resultsTopic }
        if results.count < outgoing.count {
            let deadLetters = outgoing.filter { $0.record.topic != records.resultsTopic }
            guard try await publish(deadLetters, of: delivery) else { return .nothing }
        }
        guard try await publish(results, of: delivery) else { return .nothing }
        // Nothing fences a replica without transactions, so it must see by itself what is not its own any more: an old
        // ledger would hide the new owner's, an old offset would go back.
        let owned = delivery.commit.partitionsOwned(in: await ports.assignments())
        let own = owned.count == delivery.commit.offsets.count ? delivery : delivery.limited(to: owned)
        let state = stateTopic.records(for: own).map { OutgoingRecord(record: $0) }
        guard try await publish(state, of: delivery) else { return .nothing }
        room.forget(delivery.entries)
        published.forget(delivery.commit.finished.lazy.map(\.id))
        return try await commitOnce(names.byPartition(own.commit.offsets))
    }

    /// Publishes records, once.
    ///
    /// - Returns: Whether all were; what was is not published again with the next delivery.
    private func publish(_ outgoing: [OutgoingRecord], of delivery: Delivery) async throws(CommitError) -> Bool {
        guard !outgoing.isEmpty else { return true }
        let answers = await ports.publish(outgoing.map(\.record), room.limits.batchSize)
        var written: [OutgoingRecord] = []
        for (record, answer) in zip(outgoing, answers) where (try? answer.get()) != nil { written.append(record) }
        substitutes.report(written)
        let taken = zip(outgoing, answers).map { (record: $0.published, isTaken: (try? $1.get()) != nil) }
        if published.note(taken, epochs: delivery.commit.epochs) { return true }
        if let trouble = PublishTrouble(outgoing, answers) { try await learn(from: trouble) }
        return false
    }

    private func learn(from trouble: PublishTrouble) async throws(CommitError) {
        let error = trouble.error
        if let right = MissingRight(error, "Write", on: .topic(trouble.topic)) { throw CommitError(lacking: right) }
        if error.isFatal { throw CommitError("the producer failed for good: \(error). Restart the worker.") }
        if error.isMessageTooLarge {
            let limits = await ports.readLimits()
            room.limits.noteRefusal(by: trouble.topic, reading: limits)
        } else if error.isUnknownPartition {
            await ports.learnPartitions(trouble.topic)
        } else if error.isTimeout, trouble.isPartial {
            for record in trouble.records { room.squeeze(record) }
        }
        let missing = error.isTimeout || error.isUnknownPartition ? await ports.missingTopics() : []
        if missing.isEmpty {
            logWarning("results and dead letters cannot be published yet, trying again", trouble.records.count, error)
        } else {
            logWarning("topics do not exist any more; create them: send-worker topics create", missing.count, missing)
        }
    }

    private func commitOnce(_ offsets: [TopicPartition: Int64]) async throws(CommitError) -> CommitOutcome {
        guard !offsets.isEmpty else { return .committed }
        do {
            try await ports.commitOffsets(offsets)
            return .committed
        } catch {
            if let error = error as? KafkaError, let right = names.right(lackingFor: error) {
                throw CommitError(lacking: right)
            }
            logWarning("offsets are not committed yet, trying again", offsets.count, error)
            return (error as? KafkaError)?.isAssignmentLost == true ? .offsetsRefused : .offsetsPending
        }
    }

    private func logWarning(_ message: String, _ count: Int, _ reason: Any) {
        repetitions.log(
            "\(message)",
            level: .warning,
            to: logger,
            metadata: ["count": "\(count)", "reason": "\(reason)"]
        )
    }
}

extension OutgoingRecord {
    /// The place of a result or a dead letter; nil for state.
    fileprivate var published: PublishedRecords.Record? {
        source.map { PublishedRecords.Record(partition: $0.partition, offset: $0.offset, topic: record.topic) }
    }
}

extension Delivery {
    /// Without the state and the offsets of other partitions.
    fileprivate func limited(to partitions: Set<Int32>) -> Delivery {
        var own = self
        own.commit.offsets = commit.offsets.filter { partitions.contains($0.key) }
        own.commit.ledgers = commit.ledgers.filter { partitions.contains($0.key) }
        own.commit.accounts = commit.accounts.filter { partitions.contains($0.partition) }
        return own
    }
}

/// The group whose ledgers and offsets count.
package struct LedgerOwnership: Sendable {
    /// Why a worker does not go on with the ledgers of another group, and what to do.
    package struct Objection: Sendable, Hashable, CustomStringConvertible {
        package var reason: String
        package var remedy: String

        package var description: String { "\(reason): \(remedy)" }
    }

    /// The worker's own group; nil lets the ledgers of any count.
    package var group: String?
    /// The group whose ledgers this one goes on with: `kafka.takeOverGroup`.
    var takesOver: String?
    /// Whether offsets count that somebody else committed: `--follow-moved-offsets`.
    var followsMovedOffsets = false

    package init(group: String? = nil, takesOver: String? = nil, followsMovedOffsets: Bool = false) {
        self.group = group
        self.takesOver = takesOver
        self.followsMovedOffsets = followsMovedOffsets
    }

    /// Why a worker does not go on with the ledgers of another group; nil where it does.
    package func objection(to other: String, members: Int, partitions: [Int32], topic: String) -> Objection? {
        let places = "the ledgers of partitions \(partitions.sorted()) in \(topic)"
        let ownTopics = "give these workers topics of their own (topics.requests, topics.state)"
        if members > 0 {
            return Objection(
                reason: "\(places) are written by the consumer group \(other), which has \(members) "
                    + "member\(members == 1 ? "" : "s") now, and two groups on the same topics would send every message twice",
                remedy: "stop the other workers, set kafka.groupId=\(other) here, or \(ownTopics)"
            )
        }
        guard other != takesOver else { return nil }
        return Objection(
            reason: "\(places) were written by the consumer group \(other), which has no members now",
            remedy:
                "set kafka.takeOverGroup=\(other) to go on with what it has finished, as after a renaming, or \(ownTopics)"
        )
    }
}

/// Why records of a delivery were not written: the error that says most among all that failed with it.
struct PublishTrouble {
    let error: KafkaError
    /// The topic that the record was for.
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

    /// The measure of how much it says: one failure in a transaction makes others fail, which only say that it has
    /// failed.
    fileprivate var telling: Int {
        if MissingRight.isMissing(self) { return 5 }
        if isMessageTooLarge { return 4 }
        if isFatal || isFenced { return 3 }
        if isUnknownPartition { return 2 }
        return saysNothing ? 0 : 1
    }
}
