import KafkaClient
import SendEngine
import Telemetry

/// Reads what the last owner of a partition left in the state topic.
///
/// A reader of committed records sees only what stands before the oldest transaction that is still open. A replica that
/// died in the middle of one leaves it open for a while, and what a later owner has committed behind it cannot be seen
/// meanwhile. So reading goes on until it has come to where the log ended when it began: whatever an earlier owner
/// committed was written before this replica got the partition. That the ledger which can be seen fits the committed
/// offset is not enough: a later one may begin at the same offset and say more.
struct StateReader: Sendable {
    /// The clock and the pauses, given in so that a test can turn them.
    struct Time: Sendable {
        /// Time since any start.
        var now: @Sendable () -> Duration = RepetitionLimiter.sinceStart
        var pause: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    }

    /// The longest time that an open transaction may stay open after its time: brokers look for such every 10 s by
    /// default.
    static let timeToAbort = Duration.seconds(15)
    /// An open transaction is no news before that.
    private static let usualDelay = Duration.seconds(1)
    /// A transaction that is open for longer belongs to nobody any more: commits of living replicas take milliseconds.
    private static let abandonedAfter = Duration.seconds(4)
    private static let endingInterval = Duration.seconds(2)
    private static let retryInterval = Duration.seconds(1)

    /// The number of times that the end of a log is asked for again that ends before what is known of it, before that
    /// is believed: a leader that has only just become one may not know all of it yet.
    private static let mostLooksAtLogs = 5

    private let source: StateSource
    private let ownership: LedgerOwnership
    /// The state topic's name, for those who read of it.
    private let topic: String
    /// Ends the worker, where nobody can say where to begin.
    private let refuse: @Sendable (WorkerFailure) -> Void
    /// The longest wait for a transaction to end, before going on without what stands behind it.
    private let patience: Duration
    private let time: Time
    private let metrics: WorkerMetrics
    let logger: Logger
    private let repetitions: RepetitionLimiter

    init(
        source: StateSource,
        ownership: LedgerOwnership = LedgerOwnership(),
        topic: String = "the state topic",
        patience: Duration,
        time: Time = Time(),
        metrics: WorkerMetrics,
        logger: Logger,
        repetitions: RepetitionLimiter,
        refuse: @escaping @Sendable (WorkerFailure) -> Void = { _ in }
    ) {
        self.source = source
        self.ownership = ownership
        self.topic = topic
        self.refuse = refuse
        self.patience = patience
        self.time = time
        self.metrics = metrics
        self.logger = logger
        self.repetitions = repetitions
    }

    /// Hands over what the last owners of partitions left, in one part, or in several where the state topic lacks some
    /// of the partitions: those wait until it has them. Where something cannot be read yet that is tried again until it
    /// can, or until the task is cancelled.
    func restore(_ partitions: [Int32], _ handOver: @Sendable ([Int32: RestoredPartition]) -> Void) async {
        let started = time.now()
        var waiting = partitions
        do {
            while true {
                let logEnds = try await insisting(on: waiting) { try await source.logEnds(waiting) }
                if !logEnds.isEmpty { handOver(try await restore(to: logEnds, since: started)) }
                waiting.removeAll { logEnds[$0] != nil }
                guard !waiting.isEmpty else { return }
                logWarning(Self.missingMessage, of: waiting, [:])
                try await time.pause(Self.retryInterval)
            }
        } catch {
            // Cancelled: the partitions are somebody else's by now.
        }
    }

    private func restore(
        to logEnds: [Int32: Int64],
        since started: Duration
    ) async throws(CancellationError) -> [Int32: RestoredPartition] {
        var reading = StateReading(to: logEnds, ownership: ownership)
        let restored = try await insisting(on: reading.partitions) {
            try await readVisible(&reading)
            return try await settle(&reading)
        }
        report(reading, restored, took: time.now() - started)
        if let refusal = reading.refusals.min(by: { $0.key < $1.key }) {
            refuse(Self.failure(refusal.value, of: refusal.key))
        }
        return restored
    }

    /// Does something again until it succeeds.
    private func insisting<Value>(
        on partitions: [Int32],
        _ body: () async throws -> Value
    ) async throws(CancellationError) -> Value {
        while true {
            do {
                return try await body()
            } catch {
                if error is CancellationError || Task.isCancelled { throw CancellationError() }
                logWarning(
                    "the state of newly assigned partitions cannot be read yet, trying again",
                    of: partitions,
                    ["reason": "\(error)"]
                )
            }
            do { try await time.pause(Self.retryInterval) } catch { throw CancellationError() }
        }
    }

    /// The marker of the delivery that last wrote a partition's ledger; nil where there is no ledger.
    ///
    /// - Throws: Whatever keeps it from being known now.
    func lastMarker(of partition: Int32) async throws -> [UInt8]? {
        var reading = StateReading(to: try await source.logEnds([partition]))
        guard !reading.partitions.isEmpty else { throw MissingState(partition: partition) }
        try await readVisible(&reading)
        guard reading.hidden.isEmpty else { throw HiddenState(partition: partition) }
        return reading.contents[partition]?.marker
    }

    // MARK: Reading

    /// Reads to where the log ended when reading began, and waits for transactions that are still open before it.
    private func readVisible(_ reading: inout StateReading) async throws {
        var delay = Duration.milliseconds(20)
        while true {
            let read = try await source.readOn(reading.contents.filter { reading.wantsMore(of: $0.key) })
            reading.contents.merge(read) { _, new in new }
            guard !reading.hidden.isEmpty else { return }
            let now = time.now()
            let since = reading.hiddenSince ?? now
            reading.hiddenSince = since
            if now - since >= patience { return }
            if now - since >= Self.usualDelay { logHidden(reading.hidden, since: now - since) }
            if now - since >= Self.abandonedAfter, now - (reading.lastEnding ?? .zero) >= Self.endingInterval {
                reading.lastEnding = now
                await endTransactions(in: reading)
            }
            try await time.pause(delay)
            delay = min(delay * 2, .milliseconds(500))
        }
    }

    private func endTransactions(in reading: StateReading) async {
        do {
            let replicas = try await source.endTransactions(reading.hiddenBegins)
            guard !replicas.isEmpty else { return }
            logger.notice(
                "transactions that dead replicas left open have been ended",
                metadata: ["transactional_ids": "\(replicas)"]
            )
        } catch {
            logWarning("open transactions of dead replicas cannot be ended", of: reading.hidden, ["reason": "\(error)"])
        }
    }

    /// Holds the ledgers against the committed offsets and the logs. One that does not fit is looked at once more a moment
    /// later.
    private func settle(_ reading: inout StateReading) async throws -> [Int32: RestoredPartition] {
        try await lookUp(&reading)
        let doubtful = reading.mismatched
        if !doubtful.isEmpty, !reading.hasLookedAgain {
            reading.hasLookedAgain = true
            try await time.pause(.milliseconds(250))
            reading.logEnds.merge(try await source.logEnds(doubtful)) { max($0, $1) }
            try await readVisible(&reading)
            try await lookUp(&reading)
        }
        for _ in 0..<Self.mostLooksAtLogs where !reading.beyondLog.isEmpty {
            try await time.pause(Self.retryInterval)
            reading.logs.merge(try await source.requestLogs(reading.beyondLog)) { $1 }
        }
        for number in reading.beyondLog { reading.logAges[number] = try await logAge(of: number, reading) }
        if let objection = try await objection(to: reading) {
            refuse(objection)
            return [:]
        }
        return reading.settled()
    }

    /// Read after the ledgers: an offset, or a log's end, that is older than its ledger would be taken for a mismatch.
    private func lookUp(_ reading: inout StateReading) async throws {
        reading.committed = try await source.committed(reading.partitions)
        reading.logs = try await source.requestLogs(reading.partitions)
        if let partition = reading.undecidable.first { throw UnknownLog(partition: partition) }
    }

    /// A log whose first record is newer than all that had been read is another one.
    private func logAge(of number: Int32, _ reading: StateReading) async throws -> PartitionStart.LogAge {
        guard let log = reading.logs[number], !log.isEmpty, let newest = reading.contents[number]?.newestRead,
            let first = try await source.firstTimestamp(number, log.lowerBound), first > 0
        else { return .unknown }
        return first > newest ? .anew : .cutBack
    }

    private func objection(to reading: StateReading) async throws -> WorkerFailure? {
        for (group, partitions) in reading.otherGroups.sorted(by: { $0.key < $1.key }) {
            let members = try await source.members(group)
            let objection = ownership.objection(to: group, members: members, partitions: partitions, topic: topic)
            if let objection { return WorkerFailure(.configuration, "\(objection)", isOrderly: true) }
            logger.notice(
                "going on with the ledgers of another group, as kafka.takeOverGroup says",
                metadata: ["group": "\(group)", "partitions": "\(partitions.sorted())"]
            )
        }
        return nil
    }

    // MARK: Telling

    private func report(_ reading: StateReading, _ restored: [Int32: RestoredPartition], took: Duration) {
        let ignored = reading.ignored
        let accounts = restored.values.reduce(0) { $0 + $1.accounts.count }
        metrics.restored(accounts: accounts, ignored: ignored, nanoseconds: took.nanoseconds)
        var metadata: Logger.Metadata = [
            "partitions": "\(reading.partitions.sorted())",
            "milliseconds": "\(took.nanoseconds / 1_000_000)",
            "records": "\(reading.contents.values.reduce(0) { $0 + $1.records })",
            "bytes": "\(reading.contents.values.reduce(0) { $0 + $1.bytes })",
            "ledgers": "\(restored.values.count { $0.snapshot != nil })",
            "ledger_entries": "\(restored.values.reduce(0) { $0 + ($1.snapshot?.marks ?? 0) })",
            "accounts": "\(accounts)",
        ]
        if let missing = ignored[.noLedger] { metadata["without_ledger"] = "\(missing)" }
        logger.info("state restored", metadata: metadata)
        for (number, notes) in reading.notes.sorted(by: { $0.key < $1.key }) {
            for note in notes { log(note, of: number, reading) }
        }
        let others = ignored.filter { ![.noLedger, .baseMismatch, .movedOffset].contains($0.key) }
        guard !others.isEmpty else { return }
        let counts = others.map { ("\($0.key.rawValue)", Logger.MetadataValue.string("\($0.value)")) }
        logger.warning(
            "some of the state topic is ignored: it is not what a worker of this version writes, or cannot be seen",
            metadata: Logger.Metadata(uniqueKeysWithValues: counts)
                .merging(["partitions": "\(reading.partitions.sorted())"]) { own, _ in own }
        )
    }

    private static let missingMessage = """
        the state topic lacks partitions that the requests topic has; their requests wait until it has as many \
        (kafka-topics.sh --alter --partitions)
        """

    private func logHidden(_ partitions: [Int32], since waited: Duration) {
        logWarning(
            "state is hidden behind a transaction that is still open; waiting until the brokers end it",
            of: partitions,
            ["waited": "\(waited.components.seconds) s", "longest": "\(patience.components.seconds) s"]
        )
    }

    private func logWarning(_ message: String, of partitions: [Int32], _ metadata: Logger.Metadata) {
        repetitions.log(
            "\(message)",
            level: .warning,
            to: logger,
            metadata: metadata.merging(["partitions": "\(partitions.sorted())"]) { own, _ in own }
        )
    }
}

/// A transaction in the state topic is still open, so nobody can say what the last ledger is.
private struct HiddenState: Error, CustomStringConvertible {
    var partition: Int32

    var description: String { "partition \(partition) of the state topic holds a transaction that is still open" }
}

/// Finished offsets can only be told from where the log begins, and its leader does not say that.
private struct UnknownLog: Error, CustomStringConvertible {
    var partition: Int32

    var description: String { "nobody says where the log of partition \(partition) of the requests topic begins" }
}

/// The state topic has fewer partitions than there were.
private struct MissingState: Error, CustomStringConvertible {
    var partition: Int32

    var description: String { "the state topic has no partition \(partition) any more" }
}

extension PartitionSnapshot {
    /// The number of offsets that it says something about.
    fileprivate var marks: Int64 {
        [finished, started, resent].joined().reduce(0) { $0 + Int64($1.count) }
    }
}

extension StateReader {
    /// Logs what is odd about where a partition begins.
    func log(_ note: PartitionStart.Note, of number: Int32, _ reading: StateReading) {
        guard let text = Self.text(of: note) else { return }
        var metadata: Logger.Metadata = [
            "partition": "\(number)",
            "committed": "\(reading.committed[number].map { "\($0.offset)" } ?? "none")",
            "ledger": "\(reading.contents[number]?.decodedLedger().map { "\($0.base)" } ?? "none")",
        ]
        if let log = reading.logs[number] { metadata["log"] = "\(log.lowerBound)..<\(log.upperBound)" }
        logger.log(level: note == .offsetGone ? .notice : .warning, text, metadata: metadata)
    }

    private static func text(of note: PartitionStart.Note) -> Logger.Message? {
        switch note {
        case .movedOffset(isFollowed: false):
            """
            somebody else has committed an offset of the worker's group (another consumer in it, a tool); the ledger in the state \
            topic counts instead: what has ended is not sent again, and what has not gets its result. To go on from moved offsets: \
            send-worker run --follow-moved-offsets
            """
        case .movedOffset(isFollowed: true):
            """
            going on from an offset that somebody else has committed, as --follow-moved-offsets says: what was moved past gets no \
            result, and what was moved back to is sent again
            """
        case .mismatch:
            """
            a ledger in the state topic does not belong to the offset that a worker committed last; the one of the two that says \
            more counts. Either topic has lost its end: look for unclean leader elections of it or of __consumer_offsets
            """
        case .offsetGone:
            "the group has no committed offset any more (expired, or deleted); the ledger in the state topic says where to go on"
        case .logAnew:
            """
            the log of the requests topic ends before what the ledger knows of, and its first record is newer: the topic was deleted \
            and made anew; it is read from its beginning
            """
        case .logCutBack:
            """
            the log of the requests topic ends before what the ledger knows of: it has lost its end (an unclean leader election?); \
            what is published from now on is read, and requests that were lost with it have to be published again
            """
        case .noLedger, .deletedUnread: nil
        }
    }

    /// Why the worker ends, where nobody can say where to begin.
    static func failure(_ refusal: PartitionStart.Refusal, of number: Int32) -> WorkerFailure {
        switch refusal {
        case .onlyForeignOffset(let offset):
            WorkerFailure(
                .configuration,
                "nobody can say what has ended in partition \(number) of the requests topic: offset \(offset) of the group was not "
                    + "committed by a worker, and the state topic has no ledger. To go on from that offset: send-worker run "
                    + "--follow-moved-offsets. To send everything that the topic holds: delete the group's offsets "
                    + "(kafka-consumer-groups.sh --delete-offsets)",
                isOrderly: true
            )
        case .unknownLog(let reaches, let end):
            WorkerFailure(
                .restart,
                "the log of partition \(number) of the requests topic ends at \(end), and \(reaches) is known to have been read: the "
                    + "topic was deleted and made anew, or its log was cut back, and its timestamps do not tell which. Say where to go "
                    + "on: kafka-consumer-groups.sh --reset-offsets (--to-earliest sends all that it holds now, --to-latest nothing of "
                    + "it), then once: send-worker run --follow-moved-offsets",
                isOrderly: true
            )
        }
    }
}
