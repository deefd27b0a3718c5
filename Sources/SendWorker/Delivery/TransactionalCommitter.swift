import InstagramMessaging
import KafkaClient
package import SendEngine
package import Telemetry

/// Makes each delivery durable in one Kafka transaction: results, dead letters, state and offsets appear together or
/// not at all, and the group's metadata keeps a replica that lost its partitions from committing.
///
/// It works on a thread of its own, where deliveries are encoded.
package actor TransactionalCommitter: Committer {
    /// The longest time that the brokers may take to let a new producer begin; no transaction is open meanwhile.
    private static let startTimeout = Duration.seconds(15)
    private static let closeTimeout = Duration.seconds(10)
    private static let retryDelay = Duration.milliseconds(250)
    /// The greatest age that the known limits of the topics may have where something had to be left out because of
    /// them.
    private static let longestTrust = Duration.seconds(60)

    private let thread = ExecutorThread()
    let ports: Ports
    private let transactionalID: String
    /// After this time the brokers abort a transaction.
    private let transactionTimeout: Duration
    /// The longest time that a call may take in an open transaction before its producer is given up.
    private let callTimeout: Duration
    let names: CommitNames
    private let records: TerminalRecords
    private let stateTopic: StateTopic
    private let substitutes: Substitutes
    private let logger: Logger
    private let repetitions: RepetitionLimiter
    private let session = UInt64.random(in: .min ... .max)
    private var producer: KafkaProducer?
    /// The size of batches that the producer was made with.
    private var batchSize = 0
    var room: RecordRoom
    private var limitsReadAt: ContinuousClock.Instant?
    /// The start of the open transaction.
    private var begunAt = ContinuousClock.now

    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
    package nonisolated var executor: (any TaskExecutor)? { thread }

    /// - Parameters:
    ///   - transactionalID: The id that this replica commits with.
    ///   - transactionTimeout: After this time the brokers abort an open transaction. A call in it gets a third, so that
    ///     the committer gives up first: a producer whose transaction the brokers have aborted is fenced.
    ///   - largestMessage: The largest record that the producers let pass, in bytes.
    package init(
        ports: Ports,
        transactionalID: String,
        transactionTimeout: Duration,
        largestMessage: Int,
        names: CommitNames,
        records: TerminalRecords,
        stateTopic: StateTopic,
        logger: Logger,
        repetitions: RepetitionLimiter
    ) {
        self.ports = ports
        self.transactionalID = transactionalID
        self.transactionTimeout = transactionTimeout
        callTimeout = transactionTimeout / 3
        self.names = names
        self.records = records
        self.stateTopic = stateTopic
        self.logger = logger
        self.repetitions = repetitions
        room = RecordRoom(limits: BatchLimits(topics: names.written, client: largestMessage))
        substitutes = Substitutes(count: ports.substituted, logger: logger, repetitions: repetitions)
    }

    deinit { thread.stop() }

    /// Announces the transactional id to the brokers, which also ends what an earlier holder of the id left open, and
    /// makes sure that a commit's every part may be written.
    ///
    /// - Throws: `CommitError` where a right is missing; `KafkaError`: one that is neither retriable nor a time-out means
    ///   that the brokers do not do it.
    package func prepare() async throws {
        await readLimits()
        _ = try await readyProducer()
        if let right = try await missingRight() { throw CommitError(lacking: right) }
    }

    /// Tries all that a commit writes to, with a producer of its own: there are brokers that hide what a producer commits
    /// behind what it has aborted.
    private func missingRight() async throws -> MissingRight? {
        let writer = "\(transactionalID)-probe"
        let producer = try await startedProducer(writer, batchSize: room.limits.batchSize)
        let probe = WriteProbe(
            producer: producer,
            names: names,
            stateTopic: stateTopic,
            writer: writer,
            offset: await ports.committedOffset()
        )
        do {
            let right = try await probe.run(timeout: callTimeout)
            await producer.close(timeout: Self.closeTimeout)
            return right
        } catch {
            await producer.close(timeout: Self.closeTimeout)
            throw error
        }
    }

    package func commit(_ delivery: Delivery) async throws(CommitError) -> CommitOutcome {
        do {
            return try await transact(delivery)
        } catch let error as CommitError {
            throw error
        } catch {
            logWarning("a transaction could not be started, trying again", error)
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
        let marker = Array("\(session)-\(delivery.commit.number)".utf8)
        let outgoing = await outgoing(of: delivery, marker: marker)
        do {
            let producer = try await readyProducer()
            begunAt = .now
            try await producer.beginTransaction()
            try await write(outgoing, of: delivery, with: producer)
            try await sendOffsets(of: delivery, with: producer)
        } catch let error as KafkaError {
            try await giveUp(after: error)
            return error.isAssignmentLost ? .notOurs : .nothing
        }
        let outcome = try await finish(delivery, marker: marker)
        if outcome.isDurable {
            substitutes.report(outgoing)
            room.forget(delivery.entries)
        }
        return outcome
    }

    private func outgoing(of delivery: Delivery, marker: [UInt8]) async -> [OutgoingRecord] {
        let state = stateTopic.records(for: delivery, marker: marker, writer: transactionalID)
            .map { OutgoingRecord(record: $0) }
        let entries = room.outgoing(delivery.entries, records)
        guard entries.contains(where: \.isSubstitute), limitsReadAt.map({ .now - $0 > Self.longestTrust }) ?? true
        else {
            return state + entries
        }
        // The topic may take more by now.
        await readLimits()
        return state + room.outgoing(delivery.entries, records)
    }

    private func write(
        _ outgoing: [OutgoingRecord],
        of delivery: Delivery,
        with producer: KafkaProducer
    ) async throws {
        var unwritten = outgoing
        var answers = await producer.publish(unwritten.map(\.record))
        if let topics = PublishTrouble.topicsToLearn(unwritten, answers) {
            // The topic has more partitions than this producer knows of.
            for topic in topics { try? await producer.learnPartitions(of: topic, timeout: callTimeout) }
            unwritten = zip(unwritten, answers).filter { (try? $0.1.get()) == nil }.map(\.0)
            answers = await producer.publish(unwritten.map(\.record))
        }
        if let trouble = PublishTrouble(unwritten, answers) {
            throw try await learned(from: trouble, of: delivery, with: producer)
        }
    }

    private func sendOffsets(of delivery: Delivery, with producer: KafkaProducer) async throws {
        let offsets = names.byPartition(delivery.commit.offsets)
        guard !offsets.isEmpty else { return }
        let (metadata, assignments) = try await ports.membership()
        // The metadata is that of the present membership: it must not vouch for partitions of an earlier one.
        let gone = Set(delivery.commit.offsets.keys).subtracting(delivery.commit.partitionsOwned(in: assignments))
        guard gone.isEmpty else {
            let partitions = gone.map { TopicPartition(topic: names.requests, partition: $0) }
            throw KafkaError.assignmentLost("group metadata", of: partitions)
        }
        do {
            try await again {
                try await producer.sendOffsets(offsets, metadata: metadata, timeout: callTimeout)
            }
        } catch let error as KafkaError {
            if let right = names.right(lackingFor: error) { throw CommitError(lacking: right) }
            throw error
        }
    }

    private func finish(_ delivery: Delivery, marker: [UInt8]) async throws -> CommitOutcome {
        guard let producer else { return .nothing }
        do {
            try await again { try await producer.commitTransaction(timeout: callTimeout) }
        } catch let error as KafkaError where error.isTimeout || hasOutlasted(error) {
            try await giveUp(after: error)
            return try await outcome(of: delivery, marker: marker)
        } catch let error as KafkaError {
            try await giveUp(after: error)
            return error.isAssignmentLost ? .notOurs : .nothing
        }
        ports.ended(.committed)
        return .committed
    }

    /// After a commit of which it is not known whether it took effect: once a new producer has ended the old transaction
    /// one way or the other, the state topic tells which way.
    private func outcome(of delivery: Delivery, marker: [UInt8]) async throws -> CommitOutcome {
        while true {
            do {
                _ = try await readyProducer()
                var newest: [[UInt8]?] = []
                for partition in delivery.commit.ledgers.keys.sorted() {
                    newest.append(try await ports.lastMarker(partition))
                    if newest.last == marker { break }
                }
                return .resolving(marker, newest: newest)
            } catch {
                if let error = error as? KafkaError, error.isFatal || error.isFenced { throw fencedOff(error) }
                logWarning("the outcome of a commit that timed out is not known yet, asking again", error)
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
                logWarning("a transactional call asks to be repeated", error)
                await ports.pause(Self.retryDelay)
            }
        }
        try await call()
    }

    /// Learns from records that were not written; returns what to give the transaction up for.
    private func learned(
        from trouble: PublishTrouble,
        of delivery: Delivery,
        with producer: KafkaProducer
    ) async throws -> KafkaError {
        let offset = trouble.error.saysNothing ? await ports.committedOffset() : 0
        let error = await producer.causeOfFailure(trouble.error, names: names, offset: offset, timeout: callTimeout)
        if MissingRight.isMissing(error) {
            // Which topic it is that may not be written to is not told.
            await discardProducer()
            if let right = try await missingRight() { throw CommitError(lacking: right) }
            return error
        }
        if error.isMessageTooLarge {
            let limits = await ports.readLimits()
            limitsReadAt = .now
            room.limits.noteRefusal(by: trouble.topic, reading: limits)
            repetitions.log(
                "a topic refuses a batch as too large; batches and records are made smaller",
                level: .warning,
                to: logger,
                metadata: ["topic": "\(trouble.topic)", "bytes": "\(room.limits[trouble.topic])"]
            )
        } else if error.isTimeout, delivery.entries.count == 1, trouble.isPartial {
            // The way is too slow for it: it is all that there is to write, and what is smaller got through.
            for record in trouble.records { room.squeeze(record) }
        }
        let missing = error.isTimeout || error.isUnknownPartition ? await ports.missingTopics() : []
        if !missing.isEmpty { logMissing(missing) }
        return error
    }

    /// Ends a transaction that cannot be committed, so that nothing of it is ever seen.
    private func giveUp(after error: KafkaError) async throws {
        let isOver = hasOutlasted(error)
        let isFenced = (error.isFenced || error.isFatal) && !isOver
        ports.ended(isFenced ? .fenced : error.isTimeout || isOver ? .timedOut : .aborted)
        if isFenced { throw await ending(error) }
        logWarning("a transaction is given up; its outcomes are committed again", error)
        // A call that timed out may still be under way: only a new producer makes sure that it has no effect.
        if error.isTimeout || isOver {
            await discardProducer()
            return
        }
        if let producer {
            do {
                try await again { try await producer.abortTransaction(timeout: callTimeout) }
            } catch let abortError as KafkaError where abortError.isFatal || abortError.isFenced {
                // Where no partition could be added to it the brokers know of no transaction, and nobody has taken this
                // replica's place.
                guard abortError.code == KafkaError.Code.invalidTransactionState else { throw await ending(abortError) }
                await discardProducer()
            } catch {
                await discardProducer()
            }
        }
        await ports.pause(Self.retryDelay)
    }

    /// Whether a refusal only says that the brokers have aborted a transaction that took too long, as one does in which
    /// this process stood still. Nobody has taken this replica's place then.
    private func hasOutlasted(_ error: KafkaError) -> Bool {
        (error.isFenced || error.isFatal) && .now - begunAt >= transactionTimeout
    }

    private func ending(_ error: KafkaError) async -> CommitError {
        let missing = await ports.missingTopics()
        guard missing.isEmpty else {
            return CommitError(
                "nothing can be committed: \(missing.joined(separator: ", ")) does not exist any more. Create it with "
                    + "send-worker topics create, then restart the worker. (\(error))"
            )
        }
        return fencedOff(error)
    }

    private func fencedOff(_ error: KafkaError) -> CommitError {
        if let right = names.right(lackingFor: error) { return CommitError(lacking: right) }
        let cause =
            error.isFenced
            ? "another process has announced its transactional id \(transactionalID): a new owner that took it for dead, or "
                + "a replica with the same kafka.instanceId. "
            : ""
        return CommitError("this replica may not commit any more: \(cause)\(error). Restart the worker.")
    }

    // MARK: The producer

    private func readLimits() async {
        limitsReadAt = .now
        room.limits.note(await ports.readLimits())
    }

    private func readyProducer() async throws -> KafkaProducer {
        let wanted = room.limits.batchSize
        if let producer, batchSize == wanted { return producer }
        await discardProducer()
        let made = try await startedProducer(transactionalID, batchSize: wanted)
        producer = made
        batchSize = wanted
        return made
    }

    private func startedProducer(_ id: String, batchSize: Int) async throws -> KafkaProducer {
        let made = try ports.makeProducer(id, batchSize)
        do {
            try await made.initTransactions(timeout: Self.startTimeout)
            try made.prepare(topics: names.written)
        } catch {
            await made.close(timeout: Self.closeTimeout)
            throw error
        }
        return made
    }

    @discardableResult
    private func discardProducer() async -> Bool {
        let old = producer
        producer = nil
        return await old?.close(timeout: Self.closeTimeout) ?? true
    }

    // MARK: Log

    private func logMissing(_ topics: [String]) {
        repetitions.log(
            "a topic that results cannot be written without does not exist any more; create it: send-worker topics create",
            level: .error,
            to: logger,
            metadata: ["topics": "\(topics.joined(separator: ", "))"]
        )
    }

    private func logWarning(_ message: String, _ error: any Error) {
        repetitions.log("\(message)", level: .warning, to: logger, metadata: ["reason": "\(error)"])
    }
}
