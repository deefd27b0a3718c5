/// What a consumer tells the application, in the order in which it happened.
package enum ConsumerEvent: Sendable {
    /// What one round of polling brought: one or more records, in offset order within each partition.
    ///
    /// Only of partitions that are assigned and not being revoked. A record may still come after its partition was
    /// paused.
    case records([KafkaRecord])
    /// These partitions were added to the assignment. Fetching begins with `startFetching`, which must follow.
    ///
    /// The list may be empty: the group has met and nothing was added. `epoch` rises with every assignment.
    case assigned([TopicPartition], epoch: UInt64)
    /// These partitions are to be given up: drain, commit, then call `finishRevoke`. No more records of them come.
    case revoking([TopicPartition])
    /// These partitions belong to somebody else already: nothing of theirs can be committed any more.
    case lost([TopicPartition], LossCause)
    /// No broker can be reached; told once. The consumer goes on trying by itself.
    case brokersDown(KafkaError)
    /// A broker answers again; told once after each `brokersDown`.
    case brokersUp
    /// Something else went wrong. A fatal error ends the consumer: close it and make a new one.
    case failure(KafkaError)
    /// librdkafka's statistics as JSON, where `statistics.interval.ms` is set.
    case statistics(String)
}

/// Why partitions are a consumer's own no longer, without a drain.
package enum LossCause: Sendable, Hashable {
    /// The group went on without this member, in librdkafka's words: the session timed out, a commit or a heartbeat was
    /// refused.
    case group(String)
    /// The group took them back before they had been started.
    case takenBack
    /// The consumer closes, and they were not given up in time.
    case closing
}
