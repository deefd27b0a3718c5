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

    /// How long after its time an open transaction may stay open: brokers look for such every 10 s by default.
    static let timeToAbort = Duration.seconds(15)
    /// An open transaction is no news before that.
    private static let usualDelay = Duration.seconds(1)
    /// A transaction that is open for longer belongs to nobody any more: commits of living replicas take milliseconds.
    private static let abandonedAfter = Duration.seconds(4)
    private static let endingInterval = Duration.seconds(2)
    private static let retryInterval = Duration.seconds(1)

    private let source: StateSource
    /// How long to wait for a transaction to end, before going on without what stands behind it.
    private let patience: Duration
    private let time: Time
    private let metrics: WorkerMetrics
    private let logger: Logger
    private let repetitions: RepetitionLimiter

    init(
        source: StateSource,
        patience: Duration,
        time: Time = Time(),
        metrics: WorkerMetrics,
        logger: Logger,
        repetitions: RepetitionLimiter
    ) {
        self.source = source
        self.patience = patience
        self.time = time
        self.metrics = metrics
        self.logger = logger
        self.repetitions = repetitions
    }

    /// What the last owners of partitions left, handed over in one part, or in several where the state topic lacks some
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
                say(Self.missingMessage, of: waiting, [:])
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
        var reading = StateReading(to: logEnds)
        let restored = try await insisting(on: reading.partitions) {
            try await readVisible(&reading)
            return try await settle(&reading)
        }
        report(reading, restored, took: time.now() - started)
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
                say(
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
            if now - since >= Self.usualDelay { sayHidden(reading.hidden, since: now - since) }
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
            say("open transactions of dead replicas cannot be ended", of: reading.hidden, ["reason": "\(error)"])
        }
    }

    /// Holds the ledgers against the committed offsets. One that does not fit is looked at once more a moment later.
    private func settle(_ reading: inout StateReading) async throws -> [Int32: RestoredPartition] {
        // Read after the ledgers: an offset that is older than its ledger would be taken for a mismatch.
        reading.committed = try await source.committed(reading.partitions)
        let doubtful = reading.mismatched
        if !doubtful.isEmpty, !reading.hasLookedAgain {
            reading.hasLookedAgain = true
            try await time.pause(.milliseconds(250))
            reading.logEnds.merge(try await source.logEnds(doubtful)) { max($0, $1) }
            try await readVisible(&reading)
            reading.committed = try await source.committed(reading.partitions)
        }
        return reading.settled()
    }

    // MARK: Telling

    private func report(_ reading: StateReading, _ restored: [Int32: RestoredPartition], took: Duration) {
        let ignored = reading.ignored
        let accounts = restored.values.reduce(0) { $0 + $1.accounts.count }
        metrics.restored(accounts: accounts, ignored: ignored, nanoseconds: took.wholeNanoseconds)
        var metadata: Logger.Metadata = [
            "partitions": "\(reading.partitions.sorted())",
            "milliseconds": "\(took.wholeNanoseconds / 1_000_000)",
            "records": "\(reading.contents.values.reduce(0) { $0 + $1.records })",
            "bytes": "\(reading.contents.values.reduce(0) { $0 + $1.bytes })",
            "ledgers": "\(restored.values.count { $0.snapshot != nil })",
            "ledger_entries": "\(restored.values.reduce(0) { $0 + ($1.snapshot?.marks ?? 0) })",
            "accounts": "\(accounts)",
        ]
        if let missing = ignored[.noLedger] { metadata["without_ledger"] = "\(missing)" }
        logger.info("state restored", metadata: metadata)
        for mismatch in reading.mismatches { logger.warning(Self.mismatchMessage, metadata: mismatch) }
        let others = ignored.filter { $0.key != .noLedger && $0.key != .baseMismatch }
        guard !others.isEmpty else { return }
        let counts = others.map { ("\($0.key.rawValue)", Logger.MetadataValue.string("\($0.value)")) }
        logger.warning(
            "some of the state topic is ignored: it is not what a worker of this version writes, or cannot be seen",
            metadata: Logger.Metadata(uniqueKeysWithValues: counts)
                .merging(["partitions": "\(reading.partitions.sorted())"]) { own, _ in own }
        )
    }

    private static let mismatchMessage: Logger.Message =
        "a ledger in the state topic does not belong to the committed offset: somebody has moved the group's offsets"

    private static let missingMessage = """
        the state topic lacks partitions that the requests topic has; their requests wait until it has as many \
        (kafka-topics.sh --alter --partitions)
        """

    private func sayHidden(_ partitions: [Int32], since waited: Duration) {
        say(
            "state is hidden behind a transaction that is still open; waiting until the brokers end it",
            of: partitions,
            ["waited": "\(waited.components.seconds) s", "longest": "\(patience.components.seconds) s"]
        )
    }

    private func say(_ message: String, of partitions: [Int32], _ metadata: Logger.Metadata) {
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

/// The state topic has fewer partitions than there were.
private struct MissingState: Error, CustomStringConvertible {
    var partition: Int32

    var description: String { "the state topic has no partition \(partition) any more" }
}

extension PartitionSnapshot {
    /// How many offsets it says something about.
    fileprivate var marks: Int64 {
        [finished, started, resent].joined().reduce(0) { $0 + Int64($1.count) }
    }
}
