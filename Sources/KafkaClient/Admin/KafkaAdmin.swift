import CRdKafka
import Synchronization

/// Asks about topics and creates them. Belongs to no group and never creates a topic by asking for it.
///
/// All functions throw `KafkaError`; `isRetriable` and `isTimeout` tell whether asking again makes sense.
package final class KafkaAdmin: Sendable {
    private let client: Mutex<ClientHandle?>

    /// - Throws: `KafkaConfigurationError`.
    package init(configuration: KafkaConfiguration) throws {
        let callbacks = ClientCallbacks(onLog: configuration.onLog)
        client = Mutex(try ClientHandle(configuration, role: .admin, callbacks: callbacks))
    }

    /// The number of partitions of each topic; nil for a topic that does not exist.
    ///
    /// A broker that creates topics on demand must be told not to: some brokers for tests do it even though this client
    /// asks them not to.
    package func partitionCounts(
        _ topics: [String],
        timeout: Duration = .seconds(10)
    ) async throws -> [String: Int?] {
        let client = try open("partition counts")
        let result = await OwnThread.run { () -> Result<[String: Int?], KafkaError> in
            Result { () throws(KafkaError) in
                var counts: [String: Int?] = [:]
                for topic in topics {
                    counts[topic] = .some(try Self.partitionCount(of: topic, client: client, timeout: timeout))
                }
                return counts
            }
        }
        return try result.get()
    }

    /// The ends of a partition, whatever any group has read of it.
    package func watermarks(
        of partition: TopicPartition,
        timeout: Duration = .seconds(10)
    ) async throws -> Watermarks {
        let result = try await open("watermarks").onOwnThread { client in
            Result { () throws(KafkaError) in try Watermarks.query(partition, of: client, timeout: timeout) }
        }
        return try result.get()
    }

    /// Frees everything; every function throws from then on.
    ///
    /// - Returns: False where something hangs; it is left behind on a thread of its own.
    @discardableResult
    package func close() async -> Bool {
        guard let destroyed = discard() else { return true }
        return await destroyed.wait(timeout: .seconds(5)) ?? false
    }

    private func discard() -> Promise<Bool>? {
        client.withLock { $0.take() }?.destroyed
    }

    func open(_ operation: String) throws(KafkaError) -> ClientHandle {
        guard let client = client.withLock({ $0 }) else { throw KafkaError.closed(operation) }
        return client
    }

    private static func partitionCount(
        of topic: String,
        client: ClientHandle,
        timeout: Duration
    ) throws(KafkaError) -> Int? {
        let handle = try TopicHandle(topic, of: client)
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(client.pointer, 0, handle.pointer, &metadata, timeout.cMilliseconds)
        try KafkaError.check(code, "partition count of \(topic)")
        // Ours to destroy; nothing of it is kept.
        defer { if let metadata { rd_kafka_metadata_destroy(metadata) } }
        guard let metadata, metadata.pointee.topic_cnt > 0 else { return nil }
        let answer = metadata.pointee.topics[0]
        switch answer.err {
        case RD_KAFKA_RESP_ERR_NO_ERROR: return Int(answer.partition_cnt)
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART: return nil
        default: throw KafkaError(answer.err, operation: "partition count of \(topic)")
        }
    }
}

extension KafkaAdmin {
    /// Returns where each partition's records of a moment and later begin: the offset of the first one whose timestamp
    /// is not earlier. A partition that has none is left out.
    ///
    /// - Parameter moment: Milliseconds since 1970.
    package func offsets(
        since moment: Int64,
        of partitions: [TopicPartition],
        timeout: Duration = .seconds(10)
    ) async throws -> [TopicPartition: Int64] {
        guard !partitions.isEmpty else { return [:] }
        let result = try await open("offsets of a moment").onOwnThread { client in
            Result { () throws(KafkaError) in
                let list = PartitionList(Dictionary(partitions.map { ($0, moment) }) { first, _ in first })
                let code = rd_kafka_offsets_for_times(client, list.pointer, timeout.cMilliseconds)
                try KafkaError.check(code, "offsets of a moment")
                try list.check("offsets of a moment")
                return list.offsets
            }
        }
        return try result.get()
    }
}

/// The ends of a partition.
package struct Watermarks: Sendable, Hashable {
    /// The offset of the oldest record there is.
    package var low: Int64
    /// One past the newest record that can be read: under `read_committed`, the default, transactions that are still
    /// open are not counted.
    package var high: Int64

    package init(low: Int64, high: Int64) {
        self.low = low
        self.high = high
    }

    /// Asks the partition's leader, and again while there is none for a moment: a topic was made, or a broker has ended.
    /// Blocks at most so long.
    static func query(
        _ partition: TopicPartition,
        of client: OpaquePointer,
        timeout: Duration
    ) throws(KafkaError) -> Watermarks {
        let deadline = ContinuousClock.now + timeout
        while true {
            do {
                return try queryOnce(partition, of: client, timeout: max(deadline - .now, .milliseconds(1)))
            } catch {
                guard error.isBetweenLeaders, ContinuousClock.now < deadline else { throw error }
                OwnThread.pause(milliseconds: betweenLeadersMilliseconds)
            }
        }
    }

    private static let betweenLeadersMilliseconds: UInt32 = 50

    private static func queryOnce(
        _ partition: TopicPartition,
        of client: OpaquePointer,
        timeout: Duration
    ) throws(KafkaError) -> Watermarks {
        var marks = Watermarks(low: 0, high: 0)
        let code = rd_kafka_query_watermark_offsets(
            client,
            partition.topic,
            partition.partition,
            &marks.low,
            &marks.high,
            timeout.cMilliseconds
        )
        try KafkaError.check(code, "watermarks of \(partition)")
        return marks
    }
}
