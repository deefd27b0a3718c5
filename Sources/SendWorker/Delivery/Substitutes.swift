import InstagramMessaging
import KafkaClient
import Telemetry

/// Counts and logs the records that were written smaller than they are, once they are durable.
struct Substitutes: Sendable {
    /// Told the topic of each.
    let count: @Sendable (String) -> Void
    let logger: Logger
    let repetitions: RepetitionLimiter

    func report(_ outgoing: [OutgoingRecord]) {
        for written in outgoing where written.isSubstitute {
            count(written.record.topic)
            repetitions.log(
                """
                a record is larger than its topic takes: it was written without what did not fit, and says so; raise the \
                topic's max.message.bytes if that is not meant
                """,
                key: "substitute \(written.record.topic)",
                level: .error,
                to: logger,
                metadata: [
                    "topic": "\(written.record.topic)",
                    "source_partition": "\(written.source?.partition ?? -1)",
                    "source_offset": "\(written.source?.offset ?? -1)",
                    "bytes": "\(written.record.batchSize)",
                ]
            )
        }
    }
}
