import CRdKafka

extension KafkaAdmin {
    /// Where each partition's records of a moment and later begin: the offset of the first one whose timestamp is not
    /// earlier. A partition that has none is left out.
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
