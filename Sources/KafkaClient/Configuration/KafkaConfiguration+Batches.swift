extension KafkaConfiguration {
    /// librdkafka's own default of `batch.size`.
    private static let usualBatchSize = 1_000_000

    /// The largest record that a producer of this configuration lets pass, in bytes.
    package var largestMessage: Int { number("message.max.bytes") ?? ClientRole.largestMessage }

    /// The same, with batches of so many bytes at most. A record that is larger by itself is a batch of its own.
    package func limitingBatches(to size: Int) -> KafkaConfiguration {
        var limited = self
        limited.properties.append(("batch.size", "\(max(min(number("batch.size") ?? Self.usualBatchSize, size), 1))"))
        return limited
    }

    private func number(_ name: String) -> Int? {
        properties.last { $0.name == name }.flatMap { Int($0.value) }
    }
}
