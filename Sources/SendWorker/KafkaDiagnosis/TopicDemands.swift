import InstagramMessaging

/// The demands on the worker's topics that others than the worker have to meet, and the commands that meet them.
package enum TopicDemands {
    /// The largest record that the worker may have to write: a request of the largest size, and headers.
    package static let largestRecord = MessageLimits.recordBytes + 8_192

    package static let whatCompactionDoes =
        "the brokers throw away all but the newest record of each key, that is of each account, read or not"

    /// The command that ends a topic's compaction.
    package static func keepAll(_ topic: String) -> String {
        "kafka-configs.sh --bootstrap-server … --alter --entity-type topics --entity-name \(topic)"
            + " --add-config cleanup.policy=delete"
    }

    /// The command that has a topic take what Kafka's topics take by default.
    package static func takeMore(_ topic: String) -> String {
        "kafka-configs.sh --bootstrap-server … --alter --entity-type topics --entity-name \(topic)"
            + " --add-config max.message.bytes=1048588"
    }
}
