import KafkaClient
import Logging
package import SendEngine

/// Reads what the last owner of a partition left in the state topic.
package struct StateReader: Sendable {
    private let stateTopic: StateTopic
    private let requestsTopic: String
    private let configuration: KafkaConfiguration
    private let committedOffsets: @Sendable ([TopicPartition]) async throws -> [TopicPartition: Int64]
    private let logger: Logger
    private let repetitions: RepetitionLimiter

    init(
        stateTopic: StateTopic,
        requestsTopic: String,
        configuration: KafkaConfiguration,
        committedOffsets: @escaping @Sendable ([TopicPartition]) async throws -> [TopicPartition: Int64],
        logger: Logger,
        repetitions: RepetitionLimiter
    ) {
        self.stateTopic = stateTopic
        self.requestsTopic = requestsTopic
        self.configuration = configuration
        self.committedOffsets = committedOffsets
        self.logger = logger
        self.repetitions = repetitions
    }

    /// The snapshots that count, by partition. A partition whose state cannot be read yet is tried again until it can, or
    /// until the task is cancelled.
    package func snapshots(of partitions: [Int32]) async -> [Int32: PartitionSnapshot?] {
        while true {
            do {
                return try await read(partitions)
            } catch is CancellationError {
                return [:]
            } catch {
                repetitions.log(
                    "the state of newly assigned partitions cannot be read yet, trying again",
                    level: .warning,
                    to: logger,
                    metadata: ["partitions": "\(partitions.sorted())", "reason": "\(error)"]
                )
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    private func read(_ partitions: [Int32]) async throws -> [Int32: PartitionSnapshot?] {
        let requests = partitions.map { TopicPartition(topic: requestsTopic, partition: $0) }
        let ledgers = try await lastLedgers(of: partitions)
        // Read after the ledgers: an offset that is older than its ledger would be taken for a mismatch.
        let committed = try await committedOffsets(requests)
        var snapshots: [Int32: PartitionSnapshot?] = [:]
        for partition in requests {
            let number = partition.partition
            snapshots[number] = .some(
                usable(ledgers[number]?.value, committed: committed[partition], partition: number)
            )
        }
        return snapshots
    }

    /// The marker of the delivery that last wrote a partition's ledger; nil where there is no ledger.
    func lastMarker(of partition: Int32) async throws -> [UInt8]? {
        try await lastLedgers(of: [partition])[partition]?.headers.last { $0.name == StateTopic.deliveryHeader }?.value
    }

    /// The newest ledger record of each partition.
    private func lastLedgers(of partitions: [Int32]) async throws -> [Int32: KafkaRecord] {
        let reader = try RecordReader(
            configuration: configuration,
            starts: partitions.map { RecordReader.Start(stateTopic.partition($0)) },
            mode: .toEnd
        )
        do {
            var last: [Int32: KafkaRecord] = [:]
            while let records = try await reader.next() {
                for record in records where record.key == StateTopic.ledgerKey { last[record.partition] = record }
            }
            await reader.close()
            return last
        } catch {
            await reader.close()
            throw error
        }
    }

    /// A snapshot counts only if it can be read and begins where the group's committed offset stands: the two are written
    /// together, so a difference means that somebody moved the offsets on purpose.
    private func usable(_ ledger: [UInt8]?, committed: Int64?, partition: Int32) -> PartitionSnapshot? {
        guard let ledger else { return nil }
        guard let snapshot = PartitionSnapshot(decoding: ledger) else {
            logger.warning(
                "a ledger in the state topic cannot be read and is ignored",
                metadata: ["partition": "\(partition)"]
            )
            return nil
        }
        guard snapshot.base == committed else {
            logger.warning(
                "a ledger in the state topic does not belong to the committed offset and is ignored",
                metadata: [
                    "partition": "\(partition)",
                    "ledger_base": "\(snapshot.base)",
                    "committed": "\(committed.map(String.init) ?? "none")",
                ]
            )
            return nil
        }
        return snapshot
    }
}
