import InstagramMessaging
package import KafkaClient
internal import SendEngine
package import Telemetry

/// Publishes results and dead letters, waits until the brokers have acknowledged every one, then publishes the state and
/// commits the offsets.
///
/// Passing troubles (a broker that is away, a full queue) are waited out, for as long as it takes.
///
/// A crash between the two repeats work after a restart: a result may then appear twice and a message may be sent
/// twice. That is what this guarantee allows, for brokers without transactions.
package struct AtLeastOnceCommitter: Committer {
    /// The part of a producer that this needs.
    package typealias Publish = @Sendable ([ProducerRecord]) async -> [Result<Int64, KafkaError>]
    /// The part of a consumer that this needs.
    package typealias CommitOffsets = @Sendable ([TopicPartition: Int64]) async throws -> Void

    /// Those of the partitions that are still held since the assignments with these numbers.
    package typealias StillHeld = @Sendable ([TopicPartition: UInt64]) async -> Set<TopicPartition>

    private let records: TerminalRecords
    private let stateTopic: StateTopic
    private let publish: Publish
    private let commitOffsets: CommitOffsets
    private let stillHeld: StillHeld
    private let pause: @Sendable (Duration) async -> Void
    private let logger: Logger
    private let repetitions: RepetitionLimiter

    package init(
        records: TerminalRecords,
        stateTopic: StateTopic,
        publish: @escaping Publish,
        commitOffsets: @escaping CommitOffsets,
        stillHeld: @escaping StillHeld,
        pause: @escaping @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) },
        logger: Logger,
        repetitions: RepetitionLimiter
    ) {
        self.records = records
        self.stateTopic = stateTopic
        self.publish = publish
        self.commitOffsets = commitOffsets
        self.stillHeld = stillHeld
        self.pause = pause
        self.logger = logger
        self.repetitions = repetitions
    }

    package func commit(_ delivery: Delivery) async throws(CommitError) -> CommitOutcome {
        try await publishAll(delivery.endings.flatMap(outgoing))
        // Nothing fences a replica without transactions, so it must see by itself what is not its own any more: an old
        // ledger would hide the new owner's, an old offset would go back.
        let held = await stillHeld(delivery.epochs)
        let own = held.count == delivery.epochs.count ? delivery : delivery.limited(to: held)
        try await publishAll(stateTopic.records(for: own).map { Outgoing(record: $0) })
        return await commitOnce(own.offsets) ? .committed : .offsetsOwed
    }

    /// A record on its way out and what to publish in its place should the broker find it too large.
    private struct Outgoing {
        var record: ProducerRecord
        var substitute: ProducerRecord?
    }

    private func outgoing(for ending: Delivery.Ending) -> [Outgoing] {
        let result = Outgoing(record: records.resultRecord(for: ending.result, of: ending.held))
        guard ending.result.status != .sent else { return [result] }
        let deadLetter = Outgoing(
            record: records.deadLetterRecord(for: ending.result, of: ending.held),
            substitute: records.abridgedDeadLetterRecord(for: ending.result, of: ending.held)
        )
        return [deadLetter, result]
    }

    private func publishAll(_ all: [Outgoing]) async throws(CommitError) {
        var pending = all
        var delay = Duration.milliseconds(100)
        while !pending.isEmpty {
            let answers = await publish(pending.map(\.record))
            var failed: [Outgoing] = []
            var lastError: KafkaError?
            for (outgoing, answer) in zip(pending, answers) {
                guard case .failure(let error) = answer else { continue }
                if error.isFatal { throw CommitError("the producer failed for good: \(error). Restart the worker.") }
                failed.append(replaced(outgoing, after: error))
                lastError = error
            }
            pending = failed
            guard let lastError else { return }
            say("results and dead letters cannot be published yet, trying again", count: failed.count, error: lastError)
            await pause(delay)
            delay = min(delay * 2, .seconds(5))
        }
    }

    /// What to publish next after a failure: the same again, or less of it where it was too large.
    private func replaced(_ outgoing: Outgoing, after error: KafkaError) -> Outgoing {
        guard error.isMessageTooLarge, let substitute = outgoing.substitute else { return outgoing }
        logger.error(
            "a dead letter is too large for its topic and is written without the request's bytes; raise max.message.bytes",
            metadata: ["topic": "\(substitute.topic)", "bytes": "\(outgoing.record.value?.count ?? 0)"]
        )
        return Outgoing(record: substitute)
    }

    private func commitOnce(_ offsets: [TopicPartition: Int64]) async -> Bool {
        guard !offsets.isEmpty else { return true }
        do {
            try await commitOffsets(offsets)
            return true
        } catch {
            say("offsets are not committed yet, trying again", count: offsets.count, error: error)
            return false
        }
    }

    private func say(_ message: String, count: Int, error: any Error) {
        repetitions.log(
            "\(message)",
            level: .warning,
            to: logger,
            metadata: ["count": "\(count)", "reason": "\(error)"]
        )
    }
}

extension Delivery {
    /// Without the state and the offsets of other partitions.
    fileprivate func limited(to partitions: Set<TopicPartition>) -> Delivery {
        let numbers = Set(partitions.map(\.partition))
        var own = self
        own.offsets = offsets.filter { partitions.contains($0.key) }
        own.ledgers = ledgers.filter { numbers.contains($0.key) }
        own.accounts = accounts.filter { numbers.contains($0.partition) }
        return own
    }
}
